import type { Writable } from "node:stream";
import { connectProvider, ProviderCallError } from "@virtrigaud/kit/client";
import { Command, CommanderError, Option } from "commander";
import { cases } from "./cases/index.ts";
import { FixtureError, readFixture } from "./fixture.ts";
import { countOutcomes } from "./report/count.ts";
import { junit } from "./report/junit.ts";
import { table } from "./report/table.ts";
import { runConformance, UnknownCaseError } from "./run.ts";

interface Options {
  readonly endpoint?: string;
  readonly fixture?: string;
  readonly plaintext?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly only?: string[];
  readonly list?: true;
  readonly output: "table" | "junit";
  readonly parallel: string;
}

/** What the caller has to correct before anything can run: exit code 2. */
class UsageError extends Error {}

/**
 * The command line `virtrigaud-conformance`.
 * @returns the exit code: 0 all passed or skipped, 1 a case failed, 2 wrong usage or a provider that cannot be reached.
 */
export async function runCommand(argv: readonly string[], out: Writable, err: Writable): Promise<number> {
  try {
    const options = program(out, err).parse(argv).opts<Options>();
    if (options.list) {
      for (const { id, title } of cases) out.write(`${id.padEnd(22)} ${title}\n`);
      return 0;
    }
    return await run(options, out, err);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const expected = [UsageError, FixtureError, UnknownCaseError, ProviderCallError].some(
      (kind) => error instanceof kind,
    );
    const text = error instanceof Error ? (expected ? error.message : error.stack) : error;
    err.write(`virtrigaud-conformance: ${text}\n`);
    return 2;
  }
}

async function run(options: Options, out: Writable, err: Writable): Promise<number> {
  if (!options.endpoint) throw new UsageError("--endpoint HOST:PORT is needed");
  if (!options.fixture)
    throw new UsageError("--fixture FILE.yaml is needed; see the package's fixtures folder");
  const parallel = Number(options.parallel);
  if (!Number.isInteger(parallel) || parallel < 1) throw new UsageError("--parallel must be 1 or more");
  const fixture = readFixture(options.fixture);
  const connection = await connectProvider({
    address: options.endpoint,
    tls: tlsOf(options),
    retries: 0,
    breaker: false,
  });
  try {
    const only = options.only && { only: options.only };
    const log = ({ id, outcome }: { id: string; outcome: string }) => void err.write(`${outcome} ${id}\n`);
    const report = await runConformance({ connection, fixture, log, parallel, ...only });
    out.write(options.output === "junit" ? junit(report) : table(report));
    return countOutcomes(report.results).FAIL > 0 ? 1 : 0;
  } finally {
    connection.close();
  }
}

function tlsOf({ plaintext, tlsCa: caFile, tlsCert: certFile, tlsKey: keyFile }: Options) {
  if (plaintext) return "insecure";
  if (caFile && certFile && keyFile) return { caFile, certFile, keyFile };
  throw new UsageError("either --plaintext, or all of --tls-ca, --tls-cert and --tls-key are needed");
}

function program(out: Writable, err: Writable): Command {
  return new Command("virtrigaud-conformance")
    .description("Shows whether a provider keeps to the contract virtrigaud.provider.v1")
    .option("--endpoint <host:port>", "address of the provider")
    .option("--fixture <file>", "what this backend is expected to do (YAML)")
    .option("--plaintext", "connect without TLS")
    .option("--tls-ca <file>", "CA of the provider's certificate")
    .option("--tls-cert <file>", "client certificate")
    .option("--tls-key <file>", "client key")
    .option("--only <case...>", "run only these cases")
    .option("--parallel <n>", "cases at a time", "4")
    .option("--list", "list the cases and end")
    .addOption(
      new Option("--output <format>", "report on stdout").choices(["table", "junit"]).default("table"),
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) });
}
