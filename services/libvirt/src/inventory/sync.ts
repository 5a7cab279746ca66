import { waitFor } from "../client/deadline.ts";
import { type Libvirt, LibvirtError, type LibvirtEvent, LibvirtUnreachable } from "../client/index.ts";
import { Era } from "./era.ts";
import type { Picture } from "./picture.ts";

/** Changes that no event tells are seen after this time. */
const checkMs = 60_000;
/** The same of a libvirtd that has no events at all. */
const checkWithoutEventsMs = 10_000;
const pauseAfterFailureMs = 1_000;

export interface SyncOptions {
  /** Default 60,000. */
  readonly checkMs?: number;
}

/** Keeps a picture like what libvirtd holds, and tells whether it is. Runs from its construction until it is closed. */
export class Sync {
  readonly #libvirt: Libvirt;
  readonly #picture: Picture;
  readonly #closing = new AbortController();
  readonly #checks: NodeJS.Timeout;
  #era: Era;
  #isCurrent = false;
  #outcome = new Outcome();
  #retry: NodeJS.Timeout | undefined;

  constructor(libvirt: Libvirt, picture: Picture, options: SyncOptions = {}) {
    this.#libvirt = libvirt;
    this.#picture = picture;
    this.#era = new Era(libvirt, picture);
    this.#checks = setInterval(() => this.#check(), options.checkMs ?? checkMs).unref();
    void this.#follow();
  }

  /** The era whose picture is complete; undefined while there is none. */
  get current(): Era | undefined {
    return this.#isCurrent ? this.#era : undefined;
  }

  /** The era that is, whether or not its picture is complete. */
  get era(): Era {
    return this.#era;
  }

  /** Resolves when the picture is complete; rejects with the signal's reason, or when making it failed or the connection is lost. */
  async untilCurrent(signal: AbortSignal): Promise<void> {
    if (!this.#isCurrent) await waitFor(this.#outcome.promise, signal);
  }

  close(): void {
    const why = new LibvirtUnreachable("the provider is closing", { sent: "no" });
    this.#closing.abort(why);
    clearInterval(this.#checks);
    this.#lose(why);
    this.#fail(why);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    try {
      for await (const event of this.#libvirt.events({ signal })) this.#take(event);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof LibvirtError)) return this.#fail(error);
      // It has no events: everything is read again and again.
      void this.#renew();
      const timer = setInterval(() => void this.#renew(), checkWithoutEventsMs).unref();
      signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    }
  }

  #take(event: LibvirtEvent): void {
    switch (event.kind) {
      case "interrupted": {
        const why = new LibvirtUnreachable("the connection to libvirtd was lost", { sent: "no" });
        this.#lose(why);
        return this.#fail(why);
      }
      case "resynchronise":
        void this.#renew();
        return;
      default:
        this.#era.hear(event);
    }
  }

  #lose(why: unknown): void {
    clearTimeout(this.#retry);
    this.#isCurrent = false;
    this.#era.end(why);
  }

  async #renew(): Promise<void> {
    this.#lose(new Error("everything is read anew"));
    const era = new Era(this.#libvirt, this.#picture);
    this.#era = era;
    try {
      await era.begin();
      if (era.signal.aborted) return;
      this.#isCurrent = true;
      this.#outcome.resolve();
      this.#outcome = new Outcome();
    } catch (error) {
      if (era.signal.aborted) return;
      this.#fail(error);
      this.#retry = setTimeout(() => void this.#renew(), pauseAfterFailureMs).unref();
    }
  }

  #fail(error: unknown): void {
    this.#outcome.reject(error);
    this.#outcome = new Outcome();
  }

  #check(): void {
    // What it cannot read it tries again a minute later; a lost connection is told by its own event.
    this.current?.check().catch(() => {});
  }
}

/** What those who wait are told. */
class Outcome {
  resolve: () => void = () => {};
  reject: (error: unknown) => void = () => {};
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    // Nobody may be waiting.
    this.promise.catch(() => {});
  }
}
