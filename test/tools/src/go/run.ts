import { execFile } from "node:child_process";

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end and gives its standard output. @throws Error with the end of its standard error. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { env: process.env, ...options, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const reason = stderr.trim().split("\n").slice(-4).join(" | ") || error.message;
        reject(new Error(`${command} ${args[0] ?? ""}: ${reason}`, { cause: error }));
      },
    );
  });
}
