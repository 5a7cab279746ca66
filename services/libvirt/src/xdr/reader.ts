import { XdrError } from "./xdr-error.ts";

/** Reads XDR's basic units from bytes. Everything it returns was really there: it throws XdrError past the end. */
export class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  hyper(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  uhyper(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  float(): number {
    return this.#bytes.readFloatBE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** `length` bytes and their padding: a view, not a copy. */
  opaque(length: number): Buffer {
    const at = this.#take(length + padding(length));
    return this.#bytes.subarray(at, at + length);
  }

  /** `length` bytes of UTF-8 and their padding. What is not UTF-8 becomes U+FFFD: one odd name must not hide the others. */
  text(length: number): string {
    const at = this.#take(length + padding(length));
    return this.#bytes.toString("utf8", at, at + length);
  }

  #take(length: number): number {
    if (length > this.remaining) throw new XdrError(`needs ${length} bytes, ${this.remaining} are left`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

/** XDR fills everything up to multiples of four bytes. */
export function padding(length: number): number {
  return -length & 3;
}
