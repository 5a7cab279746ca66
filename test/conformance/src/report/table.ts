import type { Report } from "../run.ts";
import { countOutcomes } from "./count.ts";

/** The report as a table for people: a line per case, then the sum. */
export function table({ provider, results }: Report): string {
  const width = Math.max(...results.map(({ id }) => id.length));
  const lines = results.map(({ id, outcome, durationMs, message }) =>
    `${outcome}  ${id.padEnd(width)}  ${String(durationMs).padStart(6)} ms  ${message}`.trimEnd(),
  );
  const { PASS, FAIL, SKIP } = countOutcomes(results);
  return [...lines, "", `${provider}: ${PASS} passed, ${FAIL} failed, ${SKIP} skipped`, ""].join("\n");
}
