import type { Violation } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";

const MIB = 1024 * 1024;

/** A number within bounds, both included. Unset is fine. */
export function validateRange(
  value: number | undefined,
  min: number,
  max: number,
  field: string,
): Violation[] {
  if (value === undefined || (value >= min && value <= max)) return [];
  return [violation(field, "OUT_OF_RANGE", `must be ${min} to ${max}, not ${value}`)];
}

/** An amount of memory or disk: a positive multiple of 1 MiB. Unset is fine. */
export function validateMebibytes(bytes: number | undefined, field: string): Violation[] {
  if (bytes === undefined || (bytes > 0 && bytes % MIB === 0)) return [];
  return [violation(field, "OUT_OF_RANGE", `must be a positive multiple of ${MIB} (1 MiB), not ${bytes}`)];
}

/** A guarantee must not exceed the limit beside it. Unset is fine. */
export function validateReservation(
  reservation: number | undefined,
  limit: number | undefined,
  field: string,
  limitField: string,
): Violation[] {
  if (reservation === undefined || limit === undefined || reservation <= limit) return [];
  const said = `must not exceed ${limitField}: ${reservation} is more than ${limit}`;
  return [violation(field, "CONFLICTING_OPTIONS", said)];
}
