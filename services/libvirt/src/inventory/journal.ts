import type { Owner } from "@virtrigaud/proto";
import { whenAborted } from "../client/when-aborted.ts";

/** Which VM changed, as it was known just before. */
export interface Change {
  readonly revision: number;
  readonly id: string;
  readonly name: string;
  /** Undefined when nobody owned it. */
  readonly ownerBefore: Owner | undefined;
}

/** The picture's log of changes: numbered, bounded, shared by all who watch. */
export class Journal {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #changes: Change[] = [];
  #revision = 0;

  /** `limit`: how many changes are remembered at least. */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** Number of the newest change; 0 before the first. */
  get revision(): number {
    return this.#revision;
  }

  /** Appends a change and wakes all who wait for one. */
  record(change: Omit<Change, "revision">): void {
    this.#changes.push({ ...change, revision: ++this.#revision });
    // Dropping half at once keeps the cost of one change constant.
    if (this.#changes.length > 2 * this.#limit) this.#changes = this.#changes.slice(-this.#limit);
    for (const wake of [...this.#waiting]) wake();
  }

  /** The changes after `revision`, oldest first; undefined when some are forgotten or the number was never given out. */
  since(revision: number): readonly Change[] | undefined {
    const missing = this.#revision - revision;
    if (!(missing >= 0 && missing <= this.#changes.length)) return undefined;
    return this.#changes.slice(this.#changes.length - missing);
  }

  /** Resolves at the next change, after `timeoutMs`, or when the signal aborts. */
  next(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        forget();
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      const forget = whenAborted(signal, wake);
      this.#waiting.add(wake);
    });
  }
}
