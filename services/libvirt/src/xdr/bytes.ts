import type { Codec } from "./codec.ts";
import type { XdrReader } from "./reader.ts";
import { XdrError } from "./xdr-error.ts";

/** Exactly `length` bytes. Decoded ones are a view of the message. */
export function fixedOpaque(length: number): Codec<Uint8Array> {
  return {
    minBytes: length,
    write(writer, value) {
      if (value.length !== length) throw new XdrError(`${value.length} bytes instead of ${length}`);
      writer.opaque(value);
    },
    read: (reader) => reader.opaque(length),
  };
}

/** Up to `max` bytes. Decoded ones are a view of the message. */
export function opaque(max: number): Codec<Uint8Array> {
  return {
    minBytes: 4,
    write(writer, value) {
      writer.uint(allowed(value.length, max));
      writer.opaque(value);
    },
    read: (reader) => reader.opaque(announced(reader, max)),
  };
}

/** Up to `max` bytes of UTF-8. */
export function string(max: number): Codec<string> {
  return {
    minBytes: 4,
    write(writer, value) {
      // The other side is C, for which the text would end there: what follows would slip past its checks.
      if (value.includes("\0")) throw new XdrError("a text must not contain a NUL character");
      const length = allowed(Buffer.byteLength(value), max);
      writer.uint(length);
      writer.text(value, length);
    },
    read: (reader) => reader.text(announced(reader, max)),
  };
}

function announced(reader: XdrReader, max: number): number {
  return allowed(reader.uint(), max);
}

function allowed(length: number, max: number): number {
  if (length > max) throw new XdrError(`${length} bytes, at most ${max} are allowed`);
  return length;
}
