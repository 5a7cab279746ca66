import type { Violation } from "@virtrigaud/proto";

/** Collects every violation of a request, so that the user sees all of them at once. */
export class Problems {
  readonly violations: Violation[] = [];

  /** Notes one violation; returns undefined so that a caller can `return problems.add(…)` where it has no value to give. */
  add(field: string, reason: string, description: string): undefined {
    this.violations.push({ field, reason, description });
    return undefined;
  }
}

/** "a, b, c" with an end to it, for messages that list what exists. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const sorted = [...new Set(names)].sort();
  const shown = sorted.slice(0, 20).join(", ");
  return sorted.length > 20 ? `${shown} and ${sorted.length - 20} more` : shown;
}
