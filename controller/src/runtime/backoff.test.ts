import { expect, test } from "@jest/globals";
import { backoffMs } from "./backoff.ts";

test.each([
  [1, 0, 50],
  [1, 1, 100],
  [2, 1, 200],
  [4, 1, 800],
  [5, 1, 1_000],
  [1_000, 0, 500],
])("after %d failures with chance %d: %d ms", (failures, chance, expected) => {
  expect(backoffMs(failures, { baseMs: 100, maxMs: 1_000 }, () => chance)).toBe(expected);
});
