import { readCommandLine, usage } from "./command-line.ts";
import { startMemoryProvider } from "./start.ts";

const parsed = readCommandLine(process.argv.slice(2));
if (parsed.kind === "help") {
  process.stdout.write(usage);
} else if (parsed.kind === "wrong") {
  process.stderr.write(`${parsed.problems.join("\n")}\n\n${usage}`);
  process.exitCode = 2;
} else {
  const provider = await startMemoryProvider(parsed.options);
  process.stdout.write(`${JSON.stringify({ msg: "serving", address: provider.address })}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      provider.stop();
      process.exit(0);
    });
  }
}
