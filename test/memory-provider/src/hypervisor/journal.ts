import type { Owner } from "@virtrigaud/proto";

/** What a change was about, as it was known just before it. */
export interface Change {
  readonly revision: number;
  readonly id: string;
  readonly name: string;
  /** The owner before the change; undefined when nobody owned the machine. */
  readonly ownerBefore: Owner | undefined;
}

/** The hypervisor's log of changes: numbered, bounded, shared by all who watch. */
export class Journal {
  readonly #limit: number;
  #changes: Change[] = [];
  #revision = 0;
  #waiting = new Set<() => void>();

  /** @param limit how many changes are remembered at least. */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** The number of the newest change; 0 before the first. */
  get revision(): number {
    return this.#revision;
  }

  /** Appends a change and wakes all who wait for one. */
  record(change: Omit<Change, "revision">): void {
    this.#changes.push({ ...change, revision: ++this.#revision });
    // Dropping half at once keeps the cost of one change constant.
    if (this.#changes.length > 2 * this.#limit) this.#changes = this.#changes.slice(-this.#limit);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** The changes after `revision`, oldest first; undefined when some are forgotten or the number is from the future. */
  since(revision: number): Change[] | undefined {
    const missing = this.#revision - revision;
    if (missing < 0 || missing > this.#changes.length) return undefined;
    return this.#changes.slice(this.#changes.length - missing);
  }

  /** Resolves at the next change, after `timeoutMs`, or when the signal aborts. */
  next(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener("abort", done);
      this.#waiting.add(done);
      if (signal.aborted) done();
    });
  }
}
