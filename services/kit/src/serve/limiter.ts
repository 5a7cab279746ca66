import { status } from "@grpc/grpc-js";
import { ProviderError } from "../errors/provider-error.ts";
import { abortReason } from "../errors/as-provider-error.ts";

/** Lets a bounded number of calls run and a bounded number wait. */
export interface Limiter {
  /**
   * Waits for a turn.
   * @returns a function that ends it, to be called once.
   * @throws ProviderError RESOURCE_EXHAUSTED when too many wait, or the signal's reason.
   */
  acquire(caller: string, signal: AbortSignal): Promise<() => void>;
  /** How many run and wait now. */
  counts(): { readonly running: number; readonly waiting: number };
}

interface Waiter {
  readonly start: () => void;
  readonly refuse: (error: ProviderError) => void;
}

/**
 * Callers take turns, so that one with a thousand calls does not hold up one with a single call; when the queue is full, the
 * newest call of whoever has the most waiting is turned away.
 * @param knobs the variables to raise, for the message of a refusal.
 */
export function createLimiter(maxRunning: number, maxWaiting: number, knobs: string): Limiter {
  // A Map keeps its order of insertion: the first caller is the one whose turn it is.
  const queues = new Map<string, Waiter[]>();
  let running = 0;
  let waiting = 0;

  const release = () => {
    running -= 1;
    const [next] = queues;
    if (next === undefined) return;
    const [caller, queue] = next;
    queues.delete(caller);
    const waiter = queue.shift();
    if (queue.length > 0) queues.set(caller, queue);
    waiting -= 1;
    running += 1;
    waiter?.start();
  };

  const remove = (caller: string, waiter: Waiter) => {
    const queue = queues.get(caller) ?? [];
    queue.splice(queue.indexOf(waiter), 1);
    if (queue.length === 0) queues.delete(caller);
    waiting -= 1;
  };

  const refusal = () =>
    new ProviderError({
      code: status.RESOURCE_EXHAUSTED,
      reason: "TOO_MANY_CALLS",
      message: `${running} calls are served and ${waiting} wait; call again later, or raise ${knobs}`,
      retryAfterMs: 1_000,
    });

  const makeRoom = (caller: string) => {
    const [longest] = [...queues].sort(([, a], [, b]) => b.length - a.length);
    const own = queues.get(caller)?.length ?? 0;
    const victim = longest?.[1].at(-1);
    if (longest === undefined || victim === undefined || longest[1].length <= own + 1) throw refusal();
    remove(longest[0], victim);
    victim.refuse(refusal());
  };

  const wait = (caller: string, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        remove(caller, waiter);
        reject(abortReason(signal));
      };
      const settle = (then: () => void) => {
        signal.removeEventListener("abort", leave);
        then();
      };
      const waiter: Waiter = { start: () => settle(resolve), refuse: (error) => settle(() => reject(error)) };
      signal.addEventListener("abort", leave, { once: true });
      queues.set(caller, [...(queues.get(caller) ?? []), waiter]);
      waiting += 1;
    });

  return {
    async acquire(caller, signal) {
      if (signal.aborted) throw abortReason(signal);
      if (running < maxRunning) {
        running += 1;
        return release;
      }
      if (waiting >= maxWaiting) makeRoom(caller);
      await wait(caller, signal);
      return release;
    },
    counts: () => ({ running, waiting }),
  };
}
