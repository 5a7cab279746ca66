import { XdrReader } from "./reader.ts";
import { XdrWriter } from "./writer.ts";
import { XdrError } from "./xdr-error.ts";

/**
 * One type of an XDR schema (RFC 4506): how its values look on the wire. Schemas are built from the inside out and
 * cannot refer to themselves, so that decoding never goes deeper than the schema was written.
 */
export interface Codec<T> {
  /** Fewest bytes a value takes: decoders check a count against what is left before they make room for it. */
  readonly minBytes: number;
  /** Throws XdrError for a value that the schema does not allow. */
  write(writer: XdrWriter, value: T): void;
  /** Throws XdrError for bytes that are not a T. */
  read(reader: XdrReader): T;
}

/** The TypeScript type that a codec stands for. */
export type Value<C> = C extends Codec<infer T> ? T : never;

/** The bytes of `value`. Throws XdrError for a value that the schema does not allow. */
export function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.finish();
}

/** The value that `bytes`, all of them, stand for. Throws XdrError where they do not. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const reader = new XdrReader(bytes);
  const value = codec.read(reader);
  if (reader.remaining > 0) throw new XdrError(`${reader.remaining} bytes too many`);
  return value;
}
