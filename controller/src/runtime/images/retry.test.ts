import { expect, test } from "@jest/globals";
import { imageRetryMs } from "./retry.ts";

const failure = (passing: boolean, retryAfterMs?: number) => ({
  reason: "R",
  message: "m",
  passing,
  retryAfterMs,
});
const HOUR = 3_600_000;

test.each([
  [failure(true), 1, 3, 5_000],
  [failure(true), 2, 3, 10_000],
  [failure(true), 3, 3, 20_000],
  [failure(true), 4, 3, HOUR],
  [failure(true), 9, 10, 300_000],
  [failure(true, 60_000), 1, 3, 60_000],
  [failure(true), 1, 0, HOUR],
  [failure(false), 1, 3, HOUR],
])("%j after %d failures with %d retries: %d ms", (what, failures, retries, expected) => {
  expect(imageRetryMs(what, failures, retries)).toBe(expected);
});
