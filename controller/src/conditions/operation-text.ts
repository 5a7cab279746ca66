import type { Operation } from "@virtrigaud/proto";

/** Only whole tenths of the way are told: more would be a write for every look. */
const STEP_PERCENT = 10;

/** What an operation does and how far it is, for people. */
export function operationText(operation: Operation | undefined, otherwise: string): string {
  const { description, progressPercent } = operation ?? {};
  const text = description || otherwise;
  if (progressPercent === undefined) return text;
  return `${text} (${Math.floor(progressPercent / STEP_PERCENT) * STEP_PERCENT}%)`;
}
