import type { Codec } from "./codec.ts";
import { XdrError } from "./xdr-error.ts";

export const int: Codec<number> = {
  minBytes: 4,
  write: (writer, value) => writer.int(whole(value, -(2 ** 31), 2 ** 31 - 1)),
  read: (reader) => reader.int(),
};

export const uint: Codec<number> = {
  minBytes: 4,
  write: (writer, value) => writer.uint(whole(value, 0, 2 ** 32 - 1)),
  read: (reader) => reader.uint(),
};

/** 64 bits, signed. A bigint, because a number is exact up to 53 bits only. */
export const hyper: Codec<bigint> = {
  minBytes: 8,
  write: (writer, value) => writer.hyper(within(value, -(2n ** 63n), 2n ** 63n - 1n)),
  read: (reader) => reader.hyper(),
};

/** 64 bits, unsigned. */
export const uhyper: Codec<bigint> = {
  minBytes: 8,
  write: (writer, value) => writer.uhyper(within(value, 0n, 2n ** 64n - 1n)),
  read: (reader) => reader.uhyper(),
};

export const float: Codec<number> = {
  minBytes: 4,
  write: (writer, value) => writer.float(value),
  read: (reader) => reader.float(),
};

export const double: Codec<number> = {
  minBytes: 8,
  write: (writer, value) => writer.double(value),
  read: (reader) => reader.double(),
};

export const bool: Codec<boolean> = {
  minBytes: 4,
  write: (writer, value) => writer.int(value ? 1 : 0),
  read(reader) {
    const value = reader.int();
    if (value !== 0 && value !== 1) throw new XdrError(`${value} is not a boolean`);
    return value === 1;
  },
};

/** One of the numbers given names; others are errors. */
export function enumeration<Name extends string>(numbers: Readonly<Record<Name, number>>): Codec<Name> {
  const names = new Map(Object.entries<number>(numbers).map(([name, number]) => [number, name as Name]));
  return {
    minBytes: 4,
    write: (writer, value) => writer.int(numbers[value]),
    read(reader) {
      const number = reader.int();
      const name = names.get(number);
      if (name === undefined) throw new XdrError(`${number} is none of ${[...names.values()].join(", ")}`);
      return name;
    },
  };
}

// Buffer's own checks let NaN and fractions pass as other numbers.
function whole(value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new XdrError(`${value} is not a whole number from ${min} to ${max}`);
  }
  return value;
}

function within(value: bigint, min: bigint, max: bigint): bigint {
  if (value < min || value > max) throw new XdrError(`${value} is not from ${min} to ${max}`);
  return value;
}
