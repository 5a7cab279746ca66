import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isQuantity, parseQuantity } from "./quantity.ts";

describe("parseQuantity", () => {
  test.each([
    ["0", 0],
    ["1073741824", 2 ** 30],
    ["+5", 5],
    ["8Gi", 8 * 2 ** 30],
    ["1.5Gi", 1.5 * 2 ** 30],
    [".5Ki", 512],
    ["4.Mi", 4 * 2 ** 20],
    ["7Pi", 7 * 2 ** 50],
    ["0Ei", 0],
    ["128k", 128_000],
    ["1M", 1e6],
    ["2G", 2e9],
    ["3T", 3e12],
    ["1000m", 1],
    ["5000000000n", 5],
    ["1e9", 1e9],
    ["1.25E2", 125],
    ["120e-1", 12],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseQuantity(text)).toBe(bytes);
  });

  test.each([
    "",
    " 1",
    "1 Gi",
    "8GiB",
    "8gi",
    "8K",
    "eight",
    "-1",
    "-1Gi",
    "0.5",
    "100m",
    "1.1Ki",
    "1e",
    "8Ei",
    "9007199254740992",
    "1e999",
    "1e9999",
    "0x10",
    ".",
  ])("%j is refused, and named", (text) => {
    expect(() => parseQuantity(text)).toThrow(
      new RangeError(
        `${JSON.stringify(text)} is not a whole number of bytes such as 8Gi, 512Mi or 1073741824`,
      ),
    );
  });

  test("isQuantity says whether parseQuantity throws", () => {
    const likely = fc.stringMatching(/^[+-]?[0-9.]{1,6}[kKMGTPEeimnu]{0,2}[0-9-]{0,3}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), likely), (text) => {
        if (isQuantity(text)) expect(Number.isSafeInteger(parseQuantity(text))).toBe(true);
        else expect(() => parseQuantity(text)).toThrow(RangeError);
      }),
    );
  });
});
