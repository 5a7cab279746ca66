import type { Failure } from "../../failure.ts";

const SOON_MS = 5_000;
const LONGEST_SOON_MS = 5 * 60_000;
const RARELY_MS = 60 * 60_000;

/**
 * Milliseconds until a failed preparation is tried again: soon, doubling, as often as the image says, for what may pass by itself;
 * otherwise rarely, because a wrong checksum shows only after the whole download.
 * @param failures how many there were in a row, 1 or more
 */
export function imageRetryMs({ passing, retryAfterMs }: Failure, failures: number, retries: number): number {
  if (!passing || failures > retries) return RARELY_MS;
  return Math.max(retryAfterMs ?? 0, Math.min(LONGEST_SOON_MS, SOON_MS * 2 ** (failures - 1)));
}
