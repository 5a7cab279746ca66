import { PveUnreachable, type RequestName } from "./errors.ts";

/** Bounds of one call, from waiting for a login or a connection to the last byte of the answer. */
export interface CallOptions {
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now until the call rejects with PveUnreachable. Default 60,000. */
  readonly deadlineMs?: number | undefined;
}

const DEFAULT_DEADLINE_MS = 60_000;

/** The reason of a signal whose time is up. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";

  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
  }
}

/**
 * Runs `work` under a signal that aborts with the caller's reason, or with DeadlinePassed. Rejects with PveUnreachable
 * when the time passed before anything was sent; afterwards it is for the work to say so.
 */
export async function withDeadline<T>(
  request: RequestName,
  { signal, deadlineMs = DEFAULT_DEADLINE_MS }: CallOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const bound = new AbortController();
  const timer = setTimeout(() => bound.abort(new DeadlinePassed(deadlineMs)), deadlineMs);
  const forget = signal && onAbort(signal, () => bound.abort(signal.reason));
  try {
    return await work(bound.signal);
  } catch (error) {
    if (error instanceof DeadlinePassed) throw new PveUnreachable(request, error.message, { sent: false });
    throw error;
  } finally {
    clearTimeout(timer);
    forget?.();
  }
}

/** Waits for work that others wait for too: aborting ends the wait, not the work. */
export async function waitFor<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    forget();
  }
}

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` once the signal is aborted; returns how to take that back. However many calls a daemon's own signal
 * bounds, it has one listener: more than ten Node reports as a leak.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = waiting.get(signal);
  if (listeners === undefined) {
    const all = new Set<() => void>();
    signal.addEventListener("abort", () => all.forEach((each) => each()), { once: true });
    waiting.set(signal, all);
    listeners = all;
  }
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
