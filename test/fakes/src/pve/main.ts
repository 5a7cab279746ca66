import { readCommandLine, usage } from "./command-line.ts";
import { startPve } from "./start.ts";

const parsed = readCommandLine(process.argv.slice(2), process.env);
if (parsed.kind === "help") {
  process.stdout.write(usage);
} else if (parsed.kind === "wrong") {
  process.stderr.write(`${parsed.problems.join("\n")}\n\n${usage}`);
  process.exitCode = 2;
} else {
  const { url, token, certificatePem, fingerprint } = await startPve(parsed.options);
  process.stdout.write(`${JSON.stringify({ url, tokenId: token.id, certificatePem, fingerprint })}\n`);
  // Its caller holds the other end of the standard input: when that goes, nobody needs the simulator any more.
  process.stdin.on("end", () => process.exit(0)).resume();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
}
