import { setTimeout as sleep } from "node:timers/promises";
import { LibvirtUnreachable } from "./errors.ts";
import type { Link } from "./link.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** Keeps one connection: opens it when needed and again when it broke, with pauses that grow while that fails. */
export class LinkKeeper {
  readonly #open: (signal: AbortSignal) => Promise<Link>;
  readonly #closing = new AbortController();
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  #lastTry = Number.NEGATIVE_INFINITY;
  #failures = 0;

  constructor(open: (signal: AbortSignal) => Promise<Link>) {
    this.#open = open;
  }

  /** The connection, or the outcome of the next attempt to make one, which all who ask share. */
  get(): Promise<Link> | Link {
    if (this.#link !== undefined && this.#link.death === undefined) return this.#link;
    this.#opening ??= this.#reopen().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Closes the connection for good; calls under way fail. */
  close(): void {
    const why = new LibvirtUnreachable("the client was closed", { sent: "no" });
    this.#closing.abort(why);
    this.#link?.destroy(why);
  }

  async #reopen(): Promise<Link> {
    await this.#pause();
    this.#lastTry = Date.now();
    try {
      const link = await this.#open(this.#closing.signal);
      if (this.#closing.signal.aborted) link.destroy(this.#closing.signal.reason);
      this.#closing.signal.throwIfAborted();
      this.#link = link;
      this.#failures = 0;
      return link;
    } catch (error) {
      this.#failures++;
      throw error;
    }
  }

  /** Counts from the last attempt, so that a connection that breaks at once does not make it spin. */
  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const wanted = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    const left = this.#lastTry + wanted - Date.now();
    // Node's AbortError would hide the reason.
    if (left > 0) await sleep(left, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
