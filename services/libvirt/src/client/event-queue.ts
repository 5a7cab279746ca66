import { waitFor } from "./deadline.ts";
import type { LibvirtEvent } from "./event-feed.ts";

/** Far more than a reader that keeps up leaves waiting. */
const MAX_WAITING = 1024;

/** What one reader has not read yet. A reader that falls behind loses events and is told to look at everything. */
export class EventQueue {
  #events: LibvirtEvent[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #wake = () => {};

  push(event: LibvirtEvent): void {
    if (event.kind === "resynchronise" || this.#events.length >= MAX_WAITING) {
      this.#events = [{ kind: "resynchronise" }];
    } else {
      this.#events.push(event);
    }
    this.#wake();
  }

  /** Ends the reader with an error. */
  fail(reason: unknown): void {
    this.#failure = { reason };
    this.#wake();
  }

  /** The next event. Rejects with what `fail` was given, or with the signal's reason. */
  async next(signal: AbortSignal): Promise<LibvirtEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#failure !== undefined) throw this.#failure.reason;
      const change = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await waitFor(change, signal);
    }
  }
}
