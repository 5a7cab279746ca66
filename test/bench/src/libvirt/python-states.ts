import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ensureDebianPackages } from "@virtrigaud/test-tools";

/** Debian's own, for which the package is: another one in the PATH would not find it. */
const interpreter = "/usr/bin/python3";
const program = fileURLToPath(new URL("../../python/domain_state.py", import.meta.url));

/** python3-libvirt in a process of its own, connected. */
export interface PythonStates {
  /** Asks for the state of one domain after the other; answers calls per second. */
  rate(calls: number, concurrency: number): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it. @throws DebianPackagesMissing */
export async function startPythonStates(uri: string): Promise<PythonStates> {
  await ensureDebianPackages(["python3-libvirt"], console.error);
  // In its own group, so that Ctrl-C does not reach it before we stop it.
  const child = spawn(interpreter, [program, uri], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const gone = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async rate(calls, concurrency) {
      child.stdin.write(`${concurrency} ${calls}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${program} ended before it answered`);
      return Number(value);
    },
    async stop() {
      child.stdin.end();
      await gone;
    },
  };
}
