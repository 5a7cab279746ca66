import type { Codec, Value } from "../xdr/codec.ts";
import { decode } from "../xdr/codec.ts";
import { struct } from "../xdr/composites.ts";
import { enumeration, int, uint } from "../xdr/numbers.ts";
import { XdrWriter } from "../xdr/writer.ts";
import { XdrError } from "../xdr/xdr-error.ts";
import { LibvirtProtocolError } from "./errors.ts";

const header = struct({
  program: uint,
  version: uint,
  procedure: int,
  type: enumeration({ call: 0, reply: 1, message: 2, stream: 3, callWithFds: 4, replyWithFds: 5, hole: 6 }),
  serial: uint,
  status: enumeration({ ok: 0, error: 1, continue: 2 }),
});

/** Who a frame is for: replies and streams carry their call's serial, messages 0. */
export type Header = Value<typeof header>;

export interface Frame {
  readonly header: Header;
  /** A view of the bytes received. */
  readonly payload: Buffer;
}

const LENGTH_BYTES = 4;
const OVERHEAD_BYTES = LENGTH_BYTES + header.minBytes;
/** libvirt's own limit; daemons before 4.8 send less. */
const MAX_FRAME_BYTES = 32 * 2 ** 20 + LENGTH_BYTES;

/** The bytes of one frame whose payload is `value`. Throws XdrError for a value that the schema does not allow. */
export function encodeFrame<T>(head: Header, codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  writer.uint(0);
  header.write(writer, head);
  codec.write(writer, value);
  const bytes = writer.finish();
  if (bytes.length > MAX_FRAME_BYTES) {
    throw new XdrError(`the message has ${bytes.length} bytes, at most ${MAX_FRAME_BYTES} are allowed`);
  }
  bytes.writeUInt32BE(bytes.length);
  return bytes;
}

/** The beginning of a frame that goes on with `payloadBytes` bytes of stream data. */
export function encodeStreamHead(head: Header, payloadBytes: number): Buffer {
  const writer = new XdrWriter();
  writer.uint(OVERHEAD_BYTES + payloadBytes);
  header.write(writer, head);
  return writer.finish();
}

/** Finds the frames in what a connection receives, wherever the network cuts it. Holds only what was received. */
export class FrameReader {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes to collect before looking again: a length, or the frame that it announced. */
  #wanted = LENGTH_BYTES;

  /** Takes the next bytes and returns the frames that they complete. Throws LibvirtProtocolError; then it is over. */
  push(chunk: Buffer): Frame[] {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#wanted) return [];
    let bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held, this.#heldBytes);
    const frames: Frame[] = [];
    for (;;) {
      this.#wanted = bytes.length < LENGTH_BYTES ? LENGTH_BYTES : frameLength(bytes);
      if (bytes.length < this.#wanted) break;
      frames.push(frameIn(bytes.subarray(0, this.#wanted)));
      bytes = bytes.subarray(this.#wanted);
    }
    this.#held = bytes.length === 0 ? [] : [bytes];
    this.#heldBytes = bytes.length;
    return frames;
  }
}

function frameLength(bytes: Buffer): number {
  const length = bytes.readUInt32BE();
  if (length >= OVERHEAD_BYTES && length <= MAX_FRAME_BYTES) return length;
  const start = JSON.stringify(bytes.toString("latin1", 0, 40));
  throw new LibvirtProtocolError(
    `this is not libvirt's protocol: it begins with ${start}. Is it a libvirtd that listens there? ` +
      "With ssh: does the login shell print something?",
  );
}

function frameIn(bytes: Buffer): Frame {
  try {
    return {
      header: decode(header, bytes.subarray(LENGTH_BYTES, OVERHEAD_BYTES)),
      payload: bytes.subarray(OVERHEAD_BYTES),
    };
  } catch (error) {
    throw new LibvirtProtocolError(`unreadable message header: ${(error as Error).message}`);
  }
}
