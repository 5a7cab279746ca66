import { waitFor } from "./wait-for.ts";

/** Lets work of the same key run one after the other, so that two calls for one VM do not undo each other's steps. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` when all work of its key that was there before has ended, however it ended; rejects with the signal's reason while it waits. */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)?.catch(() => {});
    const mine = this.#after(before, signal, work);
    this.#last.set(key, mine);
    const forget = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(forget, forget);
    if (before !== undefined) await waitFor(before, signal);
    return mine;
  }

  async #after<T>(before: Promise<unknown> | undefined, signal: AbortSignal, work: () => Promise<T>) {
    await before;
    signal.throwIfAborted();
    return work();
  }
}
