import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** A run of the command line as users run it: the compiled program, providers and simulators found on PATH. */
export interface Run {
  child: ChildProcess;
  /** What it wrote so far, both streams in the order of arrival. */
  output(): string;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export function vrtg(...args: string[]): Run {
  const child = spawn(process.execPath, ["controller/bin/vrtg.js", ...args], {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: [join(repository, "node_modules/.bin"), process.env.PATH].join(delimiter) },
  });
  const written = { stdout: "", stderr: "", both: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      written[stream] += text;
      written.both += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({
    code,
    stdout: written.stdout,
    stderr: written.stderr,
  }));
  return { child, output: () => written.both, ended };
}
