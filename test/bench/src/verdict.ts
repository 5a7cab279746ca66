import type { Row, Target } from "./measurement.ts";

/** "none": there is no target; "unknown": nothing came out to hold against it. */
export type Verdict = "held" | "missed" | "none" | "unknown";

/** How a row stands to its target; the bound itself holds. */
export function verdict({ value, target }: Pick<Row, "value" | "target">): Verdict {
  if (target === null) return "none";
  if (value === null) return "unknown";
  return (target.at === "least" ? value >= target.bound : value <= target.bound) ? "held" : "missed";
}

/** ">= 0.75" */
export function describeTarget({ at, bound }: Target): string {
  return `${at === "least" ? ">=" : "<="} ${bound}`;
}
