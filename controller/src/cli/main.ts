import { runCli } from "./program.ts";

const abort = new AbortController();
// The first signal ends everything in order; the second finds Node's own handler, and our children notice that we are gone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => abort.abort());

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  signal: abort.signal,
});
