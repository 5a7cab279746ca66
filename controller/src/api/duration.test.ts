import { describe, expect, test } from "@jest/globals";
import { parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each([
    ["0", 0],
    ["60s", 60_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["500us", 0.5],
  ])("%s is %d ms", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(["", "60", "-1s", "1d", "s", "1 s", "1h30"])("%j is refused, and named", (text) => {
    expect(() => parseDuration(text)).toThrow(
      new RangeError(`${JSON.stringify(text)} is not a duration such as "90s" or "1h30m"`),
    );
  });
});
