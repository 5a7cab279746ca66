import { failureIn } from "./answer.ts";
import { LibvirtUnreachable } from "./errors.ts";
import { encodeStreamHead, type Frame, type Header } from "./frame.ts";
import type { Channel } from "./transport/channel.ts";

/** The largest piece that every libvirtd takes. */
const MAX_CHUNK_BYTES = 262_120;

/** What may wait, on its way out or for its reader, before the side that makes it has to wait. */
const MAX_QUEUED_BYTES = 2 ** 20;

/**
 * The bytes that follow a call: to libvirtd with write and finish, or from it with read and finish. All methods
 * reject with LibvirtError once libvirtd has refused the stream, with LibvirtUnreachable after a stall, or with what
 * `fail` was given.
 */
export class ByteStream {
  /** Of the call that it follows. */
  readonly name: string;
  readonly #channel: Channel;
  readonly #head: Header;
  readonly #stallMs: number;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #isAtEnd = false;
  /** libvirtd has nothing more to say about it. */
  #isOver = false;
  #isAborted = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake = () => {};

  /** `head` is that of its frames; `stallMs` is how long libvirtd may let it wait at a time. */
  constructor(name: string, channel: Channel, head: Header, stallMs: number) {
    this.name = name;
    this.#channel = channel;
    this.#head = head;
    this.#stallMs = stallMs;
  }

  /** Sends bytes; resolves when more would be welcome. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
      this.#throwFailure();
      const chunk = bytes.subarray(at, at + MAX_CHUNK_BYTES);
      this.#send("continue", chunk);
      await this.#until(() => this.#isWelcome());
    }
  }

  /** The next bytes, a view of the message; undefined at the end. */
  async read(): Promise<Buffer | undefined> {
    await this.#until(() => this.#queue.length > 0 || this.#isAtEnd);
    const chunk = this.#queue.shift();
    this.#queuedBytes -= chunk?.length ?? 0;
    if (this.#queuedBytes < MAX_QUEUED_BYTES / 2) this.#channel.input.resume();
    return chunk;
  }

  /** Ends it and waits for libvirtd's word that all went well. */
  async finish(): Promise<void> {
    this.#throwFailure();
    this.#send("ok");
    await this.#until(() => this.#isOver);
  }

  /** Has libvirtd drop it, and waits for its word that it did. Nothing to do once libvirtd has ended it. */
  async abort(): Promise<void> {
    if (this.#isOver) return;
    this.#isAborted = true;
    this.#failure = undefined;
    this.#channel.input.resume();
    this.#send("error");
    await this.#until(() => this.#isOver);
  }

  /** Takes a frame of this stream. Throws LibvirtProtocolError. */
  receive({ header, payload }: Frame): void {
    if (header.status !== "continue") this.#isOver = true;
    if (header.status === "error") this.fail(failureIn(this.name, payload));
    else if (header.status === "continue" && payload.length === 0) this.#isAtEnd = true;
    else if (header.status === "continue" && !this.#isAborted) this.#keep(payload);
    this.#wake();
  }

  /** The connection is gone. */
  lose(why: Error): void {
    this.#isOver = true;
    this.fail(why);
  }

  /** Makes what is waited for, and everything after but abort, reject with `reason`. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake();
  }

  /** Never so on an output that is gone: it takes everything at once, and the news of its end would not get through. */
  #isWelcome(): boolean {
    const { output } = this.#channel;
    return output.writable && output.writableLength <= MAX_QUEUED_BYTES;
  }

  #keep(payload: Buffer): void {
    this.#queue.push(payload);
    this.#queuedBytes += payload.length;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#channel.input.pause();
  }

  #send(status: Header["status"], payload: Uint8Array = Buffer.alloc(0)): void {
    const { output } = this.#channel;
    output.cork();
    output.write(encodeStreamHead({ ...this.#head, status }, payload.length));
    output.write(payload, () => this.#wake());
    output.uncork();
  }

  async #until(isSo: () => boolean): Promise<void> {
    for (;;) {
      this.#throwFailure();
      if (isSo()) return;
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const stalled = () => {
        const message = `${this.name}: libvirtd let it wait for ${this.#stallMs} ms`;
        this.fail(new LibvirtUnreachable(message, { sent: "maybe" }));
      };
      const timer = setTimeout(stalled, this.#stallMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
