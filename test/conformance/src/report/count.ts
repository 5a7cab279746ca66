import type { CaseResult } from "../run.ts";

/** How often each outcome occurs. */
export function countOutcomes(results: readonly CaseResult[]): Record<CaseResult["outcome"], number> {
  const counts = { PASS: 0, FAIL: 0, SKIP: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}
