import type { Readable } from "node:stream";

/** One HTTP exchange, successful or not. `status` is absent when no answer came. */
export interface RoundTrip {
  readonly method: string;
  readonly durationMs: number;
  readonly status: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The request of one exchange, and what is known of the exchange so far. */
export class Exchange {
  status: number | undefined;
  bytesIn = 0;
  readonly bytesOut: number;
  /** Whether the request body was taken for sending: not before a connection stands. */
  bodyTaken = false;
  readonly #method: string;
  readonly #bytes: Buffer;
  readonly #startedAt = performance.now();

  constructor(method: string, body: string) {
    this.#method = method;
    this.#bytes = Buffer.from(body);
    this.bytesOut = this.#bytes.byteLength;
  }

  *#take(): Generator<Buffer> {
    this.bodyTaken = true;
    yield this.#bytes;
  }

  /** The request as an iterable: undici takes the first bytes of one only when it writes them to a connection. */
  body(): Readable {
    // undici documents iterables as bodies; its types do not have them.
    return this.#take() as unknown as Readable;
  }

  report(): RoundTrip {
    const { status, bytesIn, bytesOut } = this;
    return {
      method: this.#method,
      durationMs: performance.now() - this.#startedAt,
      status,
      bytesIn,
      bytesOut,
    };
  }
}
