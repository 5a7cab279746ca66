import { setTimeout as sleep } from "node:timers/promises";

/** How often to look. Durations are in milliseconds. */
export interface PollOptions {
  /** Ends the polling; pollUntil then rejects with its reason. */
  readonly signal: AbortSignal;
  /** The first pause. */
  readonly intervalMs: number;
  /** The longest pause; each is half as long again as the one before. */
  readonly maxIntervalMs: number;
}

/**
 * Looks at once and then again until there is something to see.
 * @param look answers undefined while there is not. What it throws ends the polling.
 * @returns the first answer that is not undefined.
 */
export async function pollUntil<T>(
  look: (signal: AbortSignal) => Promise<T | undefined>,
  { signal, intervalMs, maxIntervalMs }: PollOptions,
): Promise<T> {
  for (let pauseMs = intervalMs; ; pauseMs = Math.min(pauseMs * 1.5, maxIntervalMs)) {
    signal.throwIfAborted();
    const seen = await look(signal);
    if (seen !== undefined) return seen;
    await pause(pauseMs, signal);
  }
}

/** Waits; rejects with the signal's own reason, not with Node's AbortError around it. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
