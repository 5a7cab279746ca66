import { describe, expect, test } from "@jest/globals";
import { median, quantile } from "./statistics.ts";

describe("median", () => {
  test.each([
    [[7], 7],
    [[9, 1, 5], 5],
    [[10, 9, 1, 2], 5.5],
    [[100, 20, 3], 20],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("of nothing is an error", () => {
    expect(() => median([])).toThrow("there are no values");
  });
});

describe("quantile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])("%d of 1 to 100 is %d", (share, expected) => {
    expect(quantile(hundred, share)).toBe(expected);
  });

  test("of few values is the largest", () => {
    expect(quantile([1, 30, 4], 0.99)).toBe(30);
  });
});
