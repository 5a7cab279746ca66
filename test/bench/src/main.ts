import { writeFile } from "node:fs/promises";
import { readCommandLine, usage } from "./command-line.ts";
import { describeMachine, readMachine } from "./machine.ts";
import { measurements } from "./rows.ts";
import { run } from "./run.ts";
import { select } from "./select.ts";
import { renderPlans, renderRows } from "./table.ts";
import { verdict } from "./verdict.ts";

/** Exit codes: 0, 1 for a target missed under --check or a measurement that broke, 2 for a wrong command line, 130 when interrupted. */
async function main(): Promise<number> {
  const command = readCommandLine(process.argv.slice(2));
  if (command.kind === "help") return print(usage);
  if (command.kind === "wrong") return refuse(command.problem);
  const { measurements: chosen, ids, unknown } = select(measurements, command.names);
  if (unknown.length > 0) return refuse(`no row begins with ${unknown.join(", ")}; --list shows all`);
  if (command.kind === "list")
    return print(renderPlans(chosen.flatMap(({ rows }) => rows).filter(({ id }) => ids.has(id))));

  const { runs, json, check } = command;
  const signal = interruption();
  const machine = await readMachine();
  print(`${describeMachine(machine)}\n`);
  const { rows, failed } = await run(chosen, {
    ids,
    runs,
    signal,
    progress: (text) => console.error(`» ${text}`),
  });
  if (rows.length > 0) print(`\n${renderRows(rows)}`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  if (signal.aborted) return 130;
  return failed || (check && rows.some((row) => verdict(row) === "missed")) ? 1 : 0;
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}

function refuse(problem: string): 2 {
  console.error(`${problem}\n\n${usage}`);
  return 2;
}

/** Aborted by Ctrl-C; a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

process.exitCode = await main();
