import { parseArgs } from "node:util";

/** What --help prints. */
export const usage = `pnpm bench [NAME…] [options]: measures, and holds the results against the targets

  NAME          rows whose id begins with it; all rows without one
  --list        the rows and their targets, measuring nothing
  --json FILE   write machine and rows there as well
  --check       exit code 1 when a target is missed
  --runs N      runs that each median is of (5)
  --help        this text
`;

/** Fewer make no median to hold against a target. */
const LEAST_RUNS = 5;

/** A parsed command line. */
export type CommandLine =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problem: string }
  | { readonly kind: "list"; readonly names: readonly string[] }
  | {
      readonly kind: "measure";
      readonly names: readonly string[];
      readonly json: string | undefined;
      readonly check: boolean;
      readonly runs: number;
    };

/** Parses the arguments after the program's name. */
export function readCommandLine(args: readonly string[]): CommandLine {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { kind: "wrong", problem: (error as Error).message };
  }
  const { values, positionals: names } = parsed;
  const { help, list, json, check } = values;
  if (help) return { kind: "help" };
  if (list) return { kind: "list", names };
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    return { kind: "wrong", problem: "--runs must be a whole number from 1" };
  if (check && runs < LEAST_RUNS)
    return { kind: "wrong", problem: `--check needs medians of at least ${LEAST_RUNS} runs; raise --runs` };
  return { kind: "measure", names, json, check, runs };
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      list: { type: "boolean", default: false },
      json: { type: "string" },
      check: { type: "boolean", default: false },
      runs: { type: "string", default: String(LEAST_RUNS) },
      help: { type: "boolean", default: false },
    },
  });
