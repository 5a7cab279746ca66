import type { Procedure } from "../protocol/procedure.ts";
import type { Codec } from "../xdr/codec.ts";
import { locate } from "../xdr/xdr-error.ts";
import { answerIn } from "./answer.ts";
import { ByteStream } from "./byte-stream.ts";
import { LibvirtAuthError, LibvirtProtocolError, LibvirtUnreachable, type Sent } from "./errors.ts";
import { encodeFrame, type Frame, FrameReader, type Header } from "./frame.ts";
import { answerTo, KEEP_ALIVE_PROGRAM, KeepAlive } from "./keep-alive.ts";
import type { Channel } from "./transport/channel.ts";

const VERSION = 1;

/** A call that was made and not answered. */
interface Pending {
  readonly name: string;
  readonly returns: Codec<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One connection to libvirtd while it lasts: calls, streams and messages over a channel. */
export class Link {
  /** Resolves when the connection is over, to why. */
  readonly closed: Promise<Error>;
  readonly #channel: Channel;
  readonly #onMessage: (frame: Frame) => void;
  readonly #frames = new FrameReader();
  readonly #pending = new Map<number, Pending>();
  readonly #streams = new Map<number, ByteStream>();
  #keepAlive: KeepAlive | undefined;
  #serial = 0;
  #death: Error | undefined;
  #tellClosed: (why: Error) => void = () => {};

  /** `onMessage` gets what libvirtd sends unasked, in order; it must not throw. */
  constructor(channel: Channel, onMessage: (frame: Frame) => void = () => {}) {
    this.#channel = channel;
    this.#onMessage = onMessage;
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
    channel.input.on("data", (chunk: Buffer) => this.#take(chunk));
    channel.ended.then(
      (why) => this.destroy(why ?? new Error("libvirtd closed the connection")),
      (error: Error) => this.destroy(error),
    );
  }

  /** Why no more calls can be made; undefined while they can. */
  get death(): Error | undefined {
    return this.#death;
  }

  /** Calls; settles with the answer or with the end of the connection, and not before. */
  call<A, R>(name: string, procedure: Procedure<A, R>, args: A): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#send(name, procedure, args, resolve as (value: unknown) => void, reject);
    });
  }

  /** Makes a call that goes on as a stream, in which libvirtd may take `stallMs` at a time; rejects like `call`. */
  async openStream<A>(name: string, procedure: Procedure<A>, args: A, stallMs: number): Promise<ByteStream> {
    const stream = await new Promise<ByteStream>((resolve, reject) => {
      const serial = this.#send(name, procedure, args, () => resolve(stream), reject);
      const stream = new ByteStream(name, this.#channel, headOf(procedure, serial, "stream"), stallMs);
      // Data may follow the answer at once, before anybody who waits for the answer runs.
      this.#streams.set(serial, stream);
    });
    return stream;
  }

  /** Watches from now on whether libvirtd still answers; without it a frozen one goes unnoticed. */
  startKeepAlive(intervalMs?: number): void {
    this.#keepAlive = new KeepAlive({
      send: (bytes) => this.#channel.output.write(bytes),
      onDead: (silentMs) => this.destroy(new Error(`libvirtd has not answered for ${silentMs} ms`)),
      intervalMs,
    });
  }

  /** Ends the connection; what is under way fails because of `why`. */
  destroy(why: Error): void {
    if (this.#death !== undefined) return;
    this.#death = why;
    this.#keepAlive?.stop();
    this.#channel.destroy();
    for (const { name, reject } of this.#pending.values()) reject(broken(name, why, "maybe"));
    for (const stream of this.#streams.values()) stream.lose(broken(stream.name, why, "maybe"));
    this.#pending.clear();
    this.#streams.clear();
    this.#tellClosed(why);
  }

  #send<A>(
    name: string,
    procedure: Procedure<A>,
    args: A,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): number {
    if (this.#death !== undefined) throw broken(name, this.#death, "no");
    const serial = this.#serial++;
    this.#channel.output.write(encodeCall(name, procedure, serial, args));
    this.#pending.set(serial, { name, returns: procedure.returns, resolve, reject });
    return serial;
  }

  #take(chunk: Buffer): void {
    this.#keepAlive?.heard();
    try {
      for (const frame of this.#frames.push(chunk)) this.#dispatch(frame);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #dispatch(frame: Frame): void {
    const { program, type, serial } = frame.header;
    if (program === KEEP_ALIVE_PROGRAM) {
      const answer = answerTo(frame);
      if (answer !== undefined) this.#channel.output.write(answer);
    } else if (type === "reply") {
      this.#settle(serial, frame);
    } else if (type === "stream") {
      // What comes after we have ended a stream is of no use to anybody.
      this.#streams.get(serial)?.receive(frame);
    } else if (type === "message") {
      this.#onMessage(frame);
    } else {
      throw new LibvirtProtocolError(`libvirtd sent a message of type "${type}", which nobody asked for`);
    }
  }

  #settle(serial: number, frame: Frame): void {
    const call = this.#pending.get(serial);
    if (call === undefined)
      throw new LibvirtProtocolError(`libvirtd answered call ${serial}, which nobody made`);
    this.#pending.delete(serial);
    try {
      call.resolve(answerIn(call.name, frame, call.returns));
    } catch (error) {
      call.reject(error);
    }
  }
}

function encodeCall<A>(name: string, procedure: Procedure<A>, serial: number, args: A): Buffer {
  try {
    return encodeFrame(headOf(procedure, serial, "call"), procedure.args, args);
  } catch (error) {
    throw locate(error, name);
  }
}

function headOf(
  { program, number }: Pick<Procedure, "program" | "number">,
  serial: number,
  type: "call" | "stream",
): Header {
  return { program, version: VERSION, procedure: number, type, serial, status: "ok" };
}

/** What the end of the connection means to a call. */
function broken(name: string, why: Error, sent: Sent): Error {
  if (why instanceof LibvirtAuthError || why instanceof LibvirtProtocolError) return why;
  return new LibvirtUnreachable(`${name}: ${why.message}`, { sent, cause: why });
}
