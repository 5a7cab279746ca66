/** Limits of a growing pause, in milliseconds. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Pause before the next attempt after `failures` (1 or more) in a row, in milliseconds: doubles each time up to the
 * limit, and is spread over its upper half so that what failed together does not come back together.
 */
export function backoffMs(failures: number, { baseMs, maxMs }: BackoffLimits, random = Math.random): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random() / 2);
}
