import { spawn } from "node:child_process";
import { constants } from "node:os";

import { buildVcsim } from "./build.ts";

// The simulated vCenter as a command: same flags, streams, signals and exit code as the Go program's. `--build` only
// builds it and prints where it is.
const args = process.argv.slice(2);
const binary = await buildVcsim((message) => console.error(message));
if (args.includes("--build")) {
  console.log(binary);
} else {
  const child = spawn(binary, args, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`cannot start ${binary}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  });
}
