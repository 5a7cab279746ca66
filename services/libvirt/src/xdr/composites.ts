import type { Codec, Value } from "./codec.ts";
import type { XdrReader } from "./reader.ts";
import type { XdrWriter } from "./writer.ts";
import { locate, XdrError } from "./xdr-error.ts";

export type Fields = Readonly<Record<string, Codec<unknown>>>;

/** A struct's value: fields that may be undefined may be left out. */
export type StructValue<F extends Fields> = {
  readonly [K in keyof F as undefined extends Value<F[K]> ? never : K]: Value<F[K]>;
} & {
  readonly [K in keyof F as undefined extends Value<F[K]> ? K : never]?: Value<F[K]>;
};

/** Its fields in the order in which they are written here. */
export function struct<const F extends Fields>(fields: F): Codec<StructValue<F>> {
  const entries = Object.entries(fields);
  return {
    minBytes: entries.reduce((sum, [, codec]) => sum + codec.minBytes, 0),
    write(writer, value) {
      const values = value as Readonly<Record<string, unknown>>;
      for (const [name, codec] of entries) writePart(codec, writer, values[name], name);
    },
    read(reader) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = readPart(codec, reader, name);
      return value as StructValue<F>;
    },
  };
}

/** A pointer: nothing or one. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    minBytes: 4,
    write(writer, value) {
      writer.int(value === undefined ? 0 : 1);
      if (value !== undefined) codec.write(writer, value);
    },
    read(reader) {
      const present = reader.int();
      if (present !== 0 && present !== 1)
        throw new XdrError(`${present} is neither absent (0) nor present (1)`);
      return present === 1 ? codec.read(reader) : undefined;
    },
  };
}

/** Exactly `length` items. */
export function fixedArray<T>(item: Codec<T>, length: number): Codec<readonly T[]> {
  return {
    minBytes: item.minBytes * length,
    write(writer, items) {
      if (items.length !== length) throw new XdrError(`${items.length} items instead of ${length}`);
      writeItems(item, writer, items);
    },
    read: (reader) => readItems(item, reader, length),
  };
}

/** Up to `max` items. Throws TypeError for items that may take no bytes: any count of them would fit any message. */
export function array<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  if (item.minBytes === 0) throw new TypeError("items of an array must take at least one byte");
  const check = (count: number) => {
    if (count > max) throw new XdrError(`${count} items, at most ${max} are allowed`);
  };
  return {
    minBytes: 4,
    write(writer, items) {
      check(items.length);
      writer.uint(items.length);
      writeItems(item, writer, items);
    },
    read(reader) {
      const count = reader.uint();
      check(count);
      return readItems(item, reader, count);
    },
  };
}

type Arms = Readonly<Record<number, Codec<unknown>>>;

/** What a union holds: the number of the arm taken, and its value. */
export type UnionValue<A extends Arms> = {
  [K in keyof A]: { readonly type: K; readonly value: Value<A[K]> };
}[keyof A];

/** A discriminated union: one of the arms, chosen by its number; other numbers are errors. */
export function union<const A extends Arms>(arms: A): Codec<UnionValue<A>> {
  const byNumber = new Map(Object.entries(arms).map(([number, codec]) => [Number(number), codec]));
  const arm = (number: number) => {
    const codec = byNumber.get(number);
    if (codec === undefined) throw new XdrError(`${number} is none of ${[...byNumber.keys()].join(", ")}`);
    return codec;
  };
  return {
    minBytes: 4 + Math.min(...[...byNumber.values()].map((codec) => codec.minBytes)),
    write(writer, { type, value }) {
      const codec = arm(Number(type));
      writer.int(Number(type));
      codec.write(writer, value);
    },
    read(reader) {
      const type = reader.int();
      return { type, value: arm(type).read(reader) } as UnionValue<A>;
    },
  };
}

/** The same bytes as `codec`, with other values: `from` may throw XdrError. */
export function mapped<T, U>(codec: Codec<T>, from: (value: T) => U, to: (value: U) => T): Codec<U> {
  return {
    minBytes: codec.minBytes,
    write: (writer, value) => codec.write(writer, to(value)),
    read: (reader) => from(codec.read(reader)),
  };
}

function writeItems<T>(item: Codec<T>, writer: XdrWriter, items: readonly T[]): void {
  for (let i = 0; i < items.length; i++) writePart(item, writer, items[i] as T, i);
}

function readItems<T>(item: Codec<T>, reader: XdrReader, count: number): T[] {
  if (count * item.minBytes > reader.remaining) {
    throw new XdrError(`${count} items cannot be in the ${reader.remaining} bytes that are left`);
  }
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(readPart(item, reader, i));
  return items;
}

function writePart<T>(codec: Codec<T>, writer: XdrWriter, value: T, at: string | number): void {
  try {
    codec.write(writer, value);
  } catch (error) {
    throw locate(error, at);
  }
}

function readPart<T>(codec: Codec<T>, reader: XdrReader, at: string | number): T {
  try {
    return codec.read(reader);
  } catch (error) {
    throw locate(error, at);
  }
}
