import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { LanguageError } from "./language-error.ts";
import { type Open, propertyString } from "./property-string.ts";
import { choice, decimal, flag, integer, list, text } from "./value.ts";

interface Sample extends Open {
  readonly lead?: string;
  readonly on?: boolean;
  readonly count?: number;
  readonly share?: number;
  readonly kind?: "a" | "b";
  readonly items?: readonly string[];
}
const word = text(/[a-z=;:]+/, "small letters");
const sample = propertyString<Sample>({
  option: "sample",
  defaultKey: "lead",
  aliases: { old: "count" },
  fields: {
    lead: ["lead", word],
    on: ["on", flag],
    count: ["count", integer(1, 9)],
    share: ["share", decimal],
    kind: ["kind", choice("a", "b")],
    items: ["items", list(text(/[a-z]+/, "a word"))],
  },
});

test.each<[string, Sample, string?]>([
  ["", {}],
  ["x", { lead: "x" }],
  [
    "x,on=1,count=3,share=1.5,kind=b,items=a;b",
    { lead: "x", on: true, count: 3, share: 1.5, kind: "b", items: ["a", "b"] },
  ],
  // Written in any order and with the default key's name, read all the same.
  ["on=0,lead=x", { lead: "x", on: false }, "x,on=0"],
  ["on=yes", { on: true }, "on=1"],
  ["old=3", { count: 3 }, "count=3"],
  ["x, on=1,", { lead: "x", on: true }, "x,on=1"],
  // A default key's value with "=" in it needs its name.
  ["lead=a=b", { lead: "a=b" }],
  // What is not known, or has a value of a kind not known, is kept.
  ["x,new=1;2", { lead: "x", rest: { new: "1;2" } }],
  ["kind=c,count=10,on=maybe", { rest: { kind: "c", count: "10", on: "maybe" } }],
  ["X", { rest: { lead: "X" } }],
  [
    "__proto__=1,constructor=2",
    { rest: JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string> },
  ],
])("%j", (written, value, canonical = written) => {
  expect(sample.decode(written)).toEqual(value);
  expect(sample.encode(value)).toBe(canonical);
});

test.each<[Sample, string]>([
  [{ lead: "a,on=1" }, 'sample.lead: "a,on=1" must be small letters'],
  [{ lead: "" }, 'sample.lead: "" must be small letters'],
  [{ count: 0 }, "sample.count: 0 must be an integer from 1 to 9"],
  [{ count: 1.5 }, "sample.count: 1.5 must be an integer from 1 to 9"],
  [{ share: Number.NaN }, "sample.share: null must be a number of at least 0"],
  [{ share: 1e-7 }, "sample.share: 1e-7 must be a number of at least 0"],
  [{ kind: "c" as "a" }, 'sample.kind: "c" must be one of a, b'],
  [{ items: [] }, "sample.items: [] must be a list, each a word"],
  [{ items: ["a", "b;c"] }, 'sample.items: ["a","b;c"] must be a list, each a word'],
  [
    { rest: { x: "1,on=1" } },
    'sample.x: "1,on=1" must be free of commas, control characters and outer spaces',
  ],
  [
    { rest: { "x=1,on": "1" } },
    'sample.x=1,on: "1" must be free of commas, control characters and outer spaces',
  ],
  [
    { rest: { x: "1\nargs: -S" } },
    'sample.x: "1\\nargs: -S" must be free of commas, control characters and outer spaces',
  ],
  [{ rest: { x: "" } }, 'sample.x: "" must be free of commas, control characters and outer spaces'],
  [{ lead: "A".repeat(200) }, `sample.lead: "${"A".repeat(79)}… must be small letters`],
])("refuses %j", (value, message) => {
  expect(() => sample.encode(value)).toThrow(
    new LanguageError("", 0, "").constructor as typeof LanguageError,
  );
  expect(() => sample.encode(value)).toThrow(message);
});

describe("whatever the texts", () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("a,b", "a=b", "a\nb", "\0", " a", "ü", ";"),
  );
  const keys = fc.dictionary(
    fc.oneof(hostile, fc.stringMatching(/^[a-z_]{1,8}$/)),
    fc.oneof(hostile, fc.stringMatching(/^[ -+\--~]{1,9}$/)),
    { maxKeys: 3 },
  );

  test("a value is refused or comes back as it was, and no other key with it", () => {
    fc.assert(
      fc.property(fc.record({ lead: hostile, rest: keys }, { requiredKeys: [] }), (value) => {
        const clean = Object.keys(value.rest ?? {}).every(
          (key) => !["lead", "on", "count", "old", "share", "kind", "items"].includes(key),
        );
        fc.pre(clean && Object.keys(value.rest ?? { x: "" }).length > 0);
        let written: string;
        try {
          written = sample.encode(value);
        } catch (error) {
          expect(error).toBeInstanceOf(LanguageError);
          return;
        }
        expect(sample.decode(written)).toEqual(value);
      }),
    );
  });

  test("what is read is written again with the same meaning", () => {
    const part = fc.oneof(
      fc.stringMatching(/^[a-z]{1,6}=[ -+\--~]{1,8}$/),
      fc.constantFrom("x", "on=1", "count=99", "items=a;b", "kind=z"),
    );
    fc.assert(
      fc.property(fc.uniqueArray(part, { selector: (one) => one.split("=")[0] }), (parts) => {
        const value = sample.decode(parts.join(","));
        fc.pre(Object.values(value.rest ?? {}).every((one) => one.trim() === one && one !== ""));
        expect(sample.decode(sample.encode(value))).toEqual(value);
      }),
    );
  });
});
