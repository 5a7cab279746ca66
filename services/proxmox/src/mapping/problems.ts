import type { Violation } from "@virtrigaud/proto";
import { LanguageError } from "./language/language-error.ts";

/** Collects every violation of a request, so that the user sees all of them at once. */
export class Problems {
  readonly violations: Violation[] = [];

  /** Notes one violation; returns undefined so that a caller can `return problems.add(…)` where it has no value to give. */
  add(field: string, reason: string, description: string): undefined {
    this.violations.push({ field, reason, description });
    return undefined;
  }

  /** What `write` gives, or a violation where Proxmox VE's language cannot hold what the field says. */
  written<T>(field: string, write: () => T): T | undefined {
    try {
      return write();
    } catch (error) {
      if (error instanceof LanguageError) return this.add(field, "INVALID_TEXT", error.message);
      throw error;
    }
  }
}

/** "a, b, c" with an end to it, for messages that list what exists. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const sorted = [...new Set(names)].sort();
  const shown = sorted.slice(0, 20).join(", ");
  return sorted.length > 20 ? `${shown} and ${sorted.length - 20} more` : shown;
}
