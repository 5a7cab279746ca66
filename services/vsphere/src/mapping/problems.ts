import type { Violation } from "@virtrigaud/proto";

/** Collects every violation of a request, so that the user sees all of them at once. */
export class Problems {
  readonly violations: Violation[] = [];

  /** Notes one violation; returns undefined so that a caller can `return problems.add(…)` where it has no value to give. */
  add(field: string, reason: string, description: string): undefined {
    this.violations.push({ field, reason, description });
    return undefined;
  }

  /** Notes that something was named for the placement and is not there, and what is. */
  addUnknown(field: string, what: string, name: string, known: readonly { name: string }[]): undefined {
    const names = listNames(known.map((entity) => entity.name));
    return this.add(
      field,
      "PLACEMENT_UNKNOWN",
      `no ${what} ${name} within what else the placement names; there are: ${names}`,
    );
  }
}

/** "a, b, c" with an end to it, for messages that list what exists. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const sorted = [...new Set(names)].sort();
  const shown = sorted.slice(0, 20).join(", ");
  return sorted.length > 20 ? `${shown} and ${sorted.length - 20} more` : shown;
}
