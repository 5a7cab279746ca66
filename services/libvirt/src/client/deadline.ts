import { whenAborted } from "./when-aborted.ts";

/** Bounds of one call. */
export interface CallOptions {
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now until the call rejects with LibvirtUnreachable. Default 60,000. */
  readonly deadlineMs?: number | undefined;
}

const DEFAULT_DEADLINE_MS = 60_000;

/** Whether somebody still waits for a call: an AbortSignal for one listener, of which thousands a second cost little. */
export class Bound {
  /** Set once nobody waits any more. */
  over: { readonly reason: unknown } | undefined;
  /** Called then. */
  onOver: (reason: unknown) => void = () => {};

  end(reason: unknown): void {
    this.over = { reason };
    this.onOver(reason);
  }

  throwIfOver(): void {
    if (this.over !== undefined) throw this.over.reason;
  }
}

/**
 * Runs `work` until the caller's signal or the deadline, and rejects at that moment whatever the work does then: it
 * may have to go on, to know when libvirtd is done with it.
 */
export function withDeadline<T>(
  { signal, deadlineMs = DEFAULT_DEADLINE_MS }: CallOptions,
  late: (deadlineMs: number) => Error,
  work: (bound: Bound) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const bound = new Bound();
    const settle = () => {
      clearTimeout(timer);
      forget?.();
    };
    const end = (reason: unknown) => {
      settle();
      reject(reason);
      bound.end(reason);
    };
    const timer = setTimeout(() => end(late(deadlineMs)), deadlineMs);
    const forget = signal && whenAborted(signal, () => end(signal.reason));
    work(bound).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}

/** Waits for work that others wait for too: aborting ends the wait, not the work. */
export async function waitFor<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  // Once the wait is over there may be nobody left to hear of its failure.
  shared.catch(() => {});
  signal.throwIfAborted();
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = whenAborted(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    forget();
  }
}
