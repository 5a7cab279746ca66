import { padding } from "./reader.ts";

const INITIAL_BYTES = 256;

/** Writes XDR's basic units into bytes that grow as needed. Ranges are the codecs' to check. */
export class XdrWriter {
  #bytes: Buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;

  int(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
  }

  uint(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32BE(value, at);
  }

  hyper(value: bigint): void {
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(value, at);
  }

  uhyper(value: bigint): void {
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64BE(value, at);
  }

  float(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeFloatBE(value, at);
  }

  double(value: number): void {
    const at = this.#grow(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  /** The bytes and their padding. */
  opaque(value: Uint8Array): void {
    const at = this.#grow(value.length + padding(value.length));
    this.#bytes.set(value, at);
    this.#pad(at + value.length);
  }

  /** UTF-8 and its padding; `length` is Buffer.byteLength(value). */
  text(value: string, length: number): void {
    const at = this.#grow(length + padding(length));
    this.#bytes.write(value, at, length, "utf8");
    this.#pad(at + length);
  }

  /** What was written. The writer must not be used any more. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #pad(from: number): void {
    for (let at = from; at < this.#length; at++) this.#bytes[at] = 0;
  }

  #grow(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
