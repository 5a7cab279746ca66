import { parseArgs } from "node:util";
import { scriptedHosts, type Nesting } from "./hypervisor/hosts.ts";
import type { Guest } from "./hypervisor/hypervisor.ts";
import type { MemoryProviderOptions } from "./start.ts";

/** What --help prints. */
export const usage = `virtrigaud-memory-provider: the provider contract over a hypervisor in memory (plaintext, for tests)

  --listen HOST:PORT   address to serve on (127.0.0.1:0, a free port)
  --nesting SCRIPT     what its hosts say of nested virtualization: capable, incapable, unknown (capable)
  --guest SCRIPT       what its guests prove: simulated, true, false, unknown (simulated)
  --task-ms N          how long a native task takes, in milliseconds (20)
  --help               this text

Prints {"msg":"serving","address":"HOST:PORT"} once it serves.
`;

/** A parsed command line. */
export type CommandLine =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problems: readonly string[] }
  | { readonly kind: "start"; readonly options: MemoryProviderOptions };

const guests: readonly Guest[] = ["simulated", "true", "false", "unknown"];

/** Parses the arguments; every problem at once. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const values = parse(args);
  if (typeof values === "string") return { kind: "wrong", problems: [values] };
  if (values.help) return { kind: "help" };
  const { listen, nesting, guest } = values;
  const taskMs = Number(values["task-ms"]);
  const problems = [
    ...(/^\S+:\d+$/.test(listen) ? [] : [`--listen ${listen}: must be HOST:PORT`]),
    ...(nesting in scriptedHosts ? [] : [`--nesting ${nesting}: must be capable, incapable or unknown`]),
    ...((guests as readonly string[]).includes(guest)
      ? []
      : [`--guest ${guest}: must be ${guests.join(", ")}`]),
    ...(Number.isInteger(taskMs) && taskMs >= 0 ? [] : ["--task-ms: must be a whole number of milliseconds"]),
  ];
  if (problems.length > 0) return { kind: "wrong", problems };
  return { kind: "start", options: { listen, nesting: nesting as Nesting, guest: guest as Guest, taskMs } };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        listen: { type: "string", default: "127.0.0.1:0" },
        nesting: { type: "string", default: "capable" },
        guest: { type: "string", default: "simulated" },
        "task-ms": { type: "string", default: "20" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    // parseArgs throws for what it does not know; its message names the argument.
    return error instanceof Error ? error.message : String(error);
  }
}
