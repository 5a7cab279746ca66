import { waitFor } from "./wait-for.ts";

/** Values by key, read once for all who ask at the same time and kept for a while. A failed read is not kept. */
export class Remembered<Key, Value> {
  readonly #ttlMs: number;
  readonly #entries = new Map<Key, { value: Promise<Value>; at: number }>();

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  /** Aborting `signal` ends the wait and not the read, which others may wait for. */
  get(key: Key, read: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    const present = this.#entries.get(key);
    if (present !== undefined && Date.now() - present.at < this.#ttlMs) return waitFor(present.value, signal);
    const entry = { value: read(), at: Date.now() };
    this.#entries.set(key, entry);
    entry.value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return waitFor(entry.value, signal);
  }

  /** Forgets what is older than `minAgeMs`; answers whether there was any. */
  clear(minAgeMs: number): boolean {
    const old = [...this.#entries].filter(([, { at }]) => Date.now() - at >= minAgeMs);
    for (const [key] of old) this.#entries.delete(key);
    return old.length > 0;
  }
}
