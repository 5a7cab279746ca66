import { type OperationCalls, waitForOperation } from "@virtrigaud/kit/client";
import type { Operation } from "@virtrigaud/proto";

/** Waits for operations outside of the queue's workers, one for each key. */
export class OperationWaits {
  readonly #over: (key: string) => void;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<string, string>();

  /** @param over called when a key's operation is done or can no longer be waited for: time to look again */
  constructor(over: (key: string) => void, signal: AbortSignal) {
    this.#over = over;
    this.#signal = signal;
  }

  /** Begins to wait, unless the key waits for this operation already. */
  begin(key: string, calls: OperationCalls, operation: Operation): void {
    if (this.#waiting.get(key) === operation.name) return;
    this.#waiting.set(key, operation.name);
    void waitForOperation(calls, operation, { signal: this.#signal })
      .catch(() => undefined) // Whoever looks again reads the operation's error itself.
      .then(() => {
        if (this.#waiting.get(key) === operation.name) this.#waiting.delete(key);
        if (!this.#signal.aborted) this.#over(key);
      });
  }
}
