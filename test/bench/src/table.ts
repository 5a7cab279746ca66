import type { Row, RowPlan } from "./measurement.ts";
import { describeTarget, verdict } from "./verdict.ts";

/** The rows for people: value, target, whether it was held; below each, what it was compared with and its note. */
export function renderRows(rows: readonly Row[]): string {
  const head = ["row", "value", "target", "result", "n"];
  const cells = rows.map((row) => [
    row.id,
    row.value === null ? "-" : `${formatNumber(row.value)} ${row.unit}`,
    row.target === null ? "" : describeTarget(row.target),
    RESULTS[verdict(row)],
    String(row.n),
  ]);
  const [first = "", ...lines] = align([head, ...cells]);
  const below = rows.map(({ comparison, note }) => [comparison, note].filter((text) => text !== null));
  return [first, ...lines.flatMap((line, index) => [line, ...(below[index] ?? []).map(indent)])].join("\n");
}

/** What could be measured, and its targets. */
export function renderPlans(plans: readonly RowPlan[]): string {
  return align(
    plans.map(({ id, unit, target }) => [id, unit, target === undefined ? "" : describeTarget(target)]),
  ).join("\n");
}

/** Four significant digits, whole beyond them: 0.8127, 62.9, 12,340.6 as 12,341. */
export function formatNumber(value: number): string {
  const digits = Math.max(4, Math.trunc(Math.abs(value)).toString().length);
  return value.toLocaleString("en-US", { maximumSignificantDigits: digits });
}

const RESULTS = { held: "held", missed: "MISSED", none: "", unknown: "no value" } as const;

const indent = (text: string) => `    ${text}`;

function align(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
