import type { Bound } from "./deadline.ts";

/** Lets so many work at a time; the others wait in the order in which they came. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(atATime: number) {
    this.#free = atATime;
  }

  /** Resolves when it is one's turn, which `give` must end. Rejects when nobody waits for it, and then it is not. */
  take(bound: Bound): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      bound.onOver = (reason) => {
        if (this.#waiting.delete(resolve)) reject(reason);
      };
    });
  }

  /** Ends one turn. */
  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
