import { setTimeout as sleep } from "node:timers/promises";
import type { Verdict } from "../runtime/reconcile/verdict.ts";

/** Watches until every VM either reached its goal or cannot without somebody's help. */
export class Settlement {
  readonly #verdicts: Map<string, Verdict | undefined>;
  readonly #listeners = new Set<() => void>();

  /** @param keys the VMs to watch */
  constructor(keys: readonly string[]) {
    this.#verdicts = new Map(keys.map((key) => [key, undefined]));
  }

  /** A VM was looked at. */
  note(key: string, verdict: Verdict): void {
    this.#verdicts.set(key, verdict);
    if (this.isSettled()) for (const listener of this.#listeners) listener();
  }

  /** Whether nothing is on its way. */
  isSettled(): boolean {
    return this.#all((verdict) => verdict === "reached" || verdict === "refused");
  }

  /** Whether all are where they should be; a proof that is still open is not a goal that was missed. */
  allReached(): boolean {
    return this.#all((verdict) => verdict === "reached" || verdict === "proving");
  }

  /** Calls back each time a VM was looked at and nothing is on its way. */
  onSettled(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves when nothing is on its way, when the time is over, or when the signal aborts. */
  async settled(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.isSettled()) return;
    const over = new AbortController();
    this.onSettled(() => over.abort());
    await sleep(timeoutMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(
      () => undefined,
    );
  }

  #all(holds: (verdict: Verdict | undefined) => boolean): boolean {
    return [...this.#verdicts.values()].every(holds);
  }
}
