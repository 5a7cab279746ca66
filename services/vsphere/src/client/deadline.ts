import { VimUnreachable } from "./errors.ts";

/** Bounds of one call, including any login it has to make first. */
export interface CallOptions {
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now until the call rejects with VimUnreachable. Default 60,000. */
  readonly deadlineMs?: number | undefined;
}

const DEFAULT_DEADLINE_MS = 60_000;

/** Runs `work` under a signal that ends with the caller's or at the deadline, whichever is first. */
export async function withDeadline<T>(
  { signal, deadlineMs = DEFAULT_DEADLINE_MS }: CallOptions,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  try {
    either.throwIfAborted();
    return await work(either);
  } catch (error) {
    if (error !== deadline.reason) throw error;
    throw new VimUnreachable(`${what}: not started before the deadline of ${deadlineMs} ms`, {
      requestSent: "no",
    });
  }
}
