import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fixedOpaque, opaque, string } from "./bytes.ts";
import { type Codec, decode, encode } from "./codec.ts";
import { array, fixedArray, mapped, optional, struct, union } from "./composites.ts";
import { bool, double, enumeration, float, hyper, int, uhyper, uint } from "./numbers.ts";
import { XdrError } from "./xdr-error.ts";

const point = struct({ x: int, y: optional(uint) });
const choice = union({ 1: int, 7: string(8) });
const colour = enumeration({ red: 1, blue: 4 });
const doubled = mapped(
  int,
  (value) => value * 2,
  (value) => value / 2,
);

describe("values on the wire", () => {
  test.each<readonly [string, Codec<never>, unknown, string]>([
    ["int", int, -2, "fffffffe"],
    ["int, lowest", int, -2147483648, "80000000"],
    ["uint, highest", uint, 4294967295, "ffffffff"],
    ["hyper", hyper, -1n, "ffffffffffffffff"],
    ["uhyper, highest", uhyper, 2n ** 64n - 1n, "ffffffffffffffff"],
    ["float", float, 1.5, "3fc00000"],
    ["double", double, -2.25, "c002000000000000"],
    ["bool", bool, true, "00000001"],
    ["enumeration", colour, "blue", "00000004"],
    ["fixed opaque, padded", fixedOpaque(5), Buffer.from("abcde"), "6162636465000000"],
    ["opaque, padded", opaque(9), Buffer.from([1, 2]), "0000000201020000"],
    ["string of full words", string(4), "abcd", "0000000461626364"],
    ["string, its length in bytes", string(9), "é!", "00000003c3a92100"],
    ["empty string", string(9), "", "00000000"],
    ["struct", point, { x: 1, y: 2 }, "000000010000000100000002"],
    ["struct without its pointer", point, { x: 1, y: undefined }, "0000000100000000"],
    ["array", array(int, 3), [7, 8], "000000020000000700000008"],
    ["fixed array", fixedArray(int, 2), [7, 8], "0000000700000008"],
    ["union", choice, { type: 7, value: "a" }, "000000070000000161000000"],
    ["mapped", doubled, 6, "00000003"],
  ] as never)("%s", (_, codec, value, hex) => {
    expect(encode(codec, value as never).toString("hex")).toBe(hex);
    expect(decode(codec, Buffer.from(hex, "hex"))).toEqual(value);
  });
});

describe("values that cannot be sent", () => {
  test.each<readonly [string, Codec<never>, unknown, string]>([
    ["a fraction", int, 1.5, "1.5 is not a whole number from -2147483648 to 2147483647"],
    ["no number", uint, Number.NaN, "NaN is not a whole number from 0 to 4294967295"],
    ["out of range", uint, -1, "-1 is not a whole number from 0 to 4294967295"],
    [
      "a large bigint",
      hyper,
      2n ** 63n,
      "9223372036854775808 is not from -9223372036854775808 to 9223372036854775807",
    ],
    ["bytes of another length", fixedOpaque(2), Buffer.alloc(3), "3 bytes instead of 2"],
    ["too many bytes", opaque(2), Buffer.alloc(3), "3 bytes, at most 2 are allowed"],
    ["a long text", string(3), "éé", "4 bytes, at most 3 are allowed"],
    ["a text that C would cut", string(9), "a\0b", "a text must not contain a NUL character"],
    ["too many items", array(int, 1), [1, 2], "2 items, at most 1 are allowed"],
    ["items of another number", fixedArray(int, 1), [1, 2], "2 items instead of 1"],
    ["an arm that is none", choice, { type: 2, value: 1 }, "2 is none of 1, 7"],
    [
      "deep inside",
      struct({ list: array(point, 9) }),
      { list: [{ x: 0 }, { x: 0.5 }] },
      "list[1].x: 0.5 is not",
    ],
  ] as never)("%s", (_, codec, value, message) => {
    expect(() => encode(codec, value as never)).toThrow(XdrError);
    expect(() => encode(codec, value as never)).toThrow(message);
  });
});

describe("bytes that are no value", () => {
  test.each<readonly [string, Codec<never>, string, string]>([
    ["cut", int, "0000", "needs 4 bytes, 2 are left"],
    ["more than a value", int, "0000000000", "1 bytes too many"],
    ["a truth of its own", bool, "00000002", "2 is not a boolean"],
    ["no name for it", colour, "00000002", "2 is none of red, blue"],
    ["a text longer than the message", string(100), "00000064616263", "needs 100 bytes, 3 are left"],
    ["a text longer than allowed", string(3), "0000000461626364", "4 bytes, at most 3 are allowed"],
    ["a hostile length", string(2 ** 22), "ffffffff", "4294967295 bytes, at most 4194304 are allowed"],
    ["more items than allowed", array(int, 2), "00000003", "3 items, at most 2 are allowed"],
    ["more items than bytes", array(point, 99), "0000006300000000", "99 items cannot be in the 4 bytes"],
    ["half a pointer", optional(int), "00000002", "2 is neither absent (0) nor present (1)"],
    ["an unknown arm", choice, "00000002", "2 is none of 1, 7"],
    ["deep inside", array(point, 9), "0000000200000001000000000000000100000009", "[1].y: 9 is neither"],
  ] as never)("%s", (_, codec, hex, message) => {
    expect(() => decode(codec, Buffer.from(hex, "hex"))).toThrow(XdrError);
    expect(() => decode(codec, Buffer.from(hex, "hex"))).toThrow(message);
  });
});

test("an array of nothing is refused when the schema is written", () => {
  expect(() => array(struct({}), 2 ** 32 - 1)).toThrow(TypeError);
});

test("text that is not UTF-8 does not fail", () => {
  expect(decode(string(9), Buffer.from("0000000261ff0000", "hex"))).toBe("a\ufffd");
});

const everything = struct({
  a: array(struct({ name: string(64), id: optional(uhyper) }), 8),
  b: opaque(32),
  c: choice,
  d: fixedArray(bool, 3),
  e: double,
  f: colour,
});

const anything = fc.record({
  a: fc.array(
    fc.record({
      name: fc.string({ unit: "grapheme-ascii", maxLength: 16 }),
      id: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
    }),
    { maxLength: 8 },
  ),
  b: fc.uint8Array({ maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  c: fc.oneof(
    fc.record({ type: fc.constant(1 as const), value: fc.integer() }),
    fc.record({ type: fc.constant(7 as const), value: fc.string({ unit: "grapheme-ascii", maxLength: 8 }) }),
  ),
  d: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  e: fc.double({ noNaN: true }),
  f: fc.constantFrom("red" as const, "blue" as const),
});

test("what was encoded is decoded", () => {
  fc.assert(
    fc.property(anything, (value) => expect(decode(everything, encode(everything, value))).toEqual(value)),
  );
});

test("damaged bytes end in a value or in XdrError, nothing else", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
  fc.assert(
    fc.property(anything, damage, fc.nat(), (value, changes, cut) => {
      const bytes = Uint8Array.from(encode(everything, value));
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      const end = changes.length % 2 === 0 ? bytes.length : cut % bytes.length;
      try {
        decode(everything, bytes.subarray(0, end));
      } catch (error) {
        expect(error).toBeInstanceOf(XdrError);
      }
    }),
    { numRuns: 500 },
  );
});
