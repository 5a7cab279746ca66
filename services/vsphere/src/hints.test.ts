import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { Hints } from "./hints.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test("a hint is fresh for ten seconds, and a hint for good", () => {
  const hints = new Hints();
  hints.remember("u", "vm-1");
  jest.advanceTimersByTime(9_999);
  expect([hints.get("u"), hints.getFresh("u")]).toEqual(["vm-1", "vm-1"]);
  jest.advanceTimersByTime(1);
  expect([hints.get("u"), hints.getFresh("u")]).toEqual(["vm-1", undefined]);
  hints.forget("u");
  expect(hints.get("u")).toBeUndefined();
});

test("of very many the one that was confirmed longest ago goes first", () => {
  const hints = new Hints();
  for (let n = 0; n < 20_000; n += 1) hints.remember(`u${n}`, "vm");
  hints.remember("u0", "vm");
  hints.remember("one more", "vm");
  expect([hints.get("u0"), hints.get("u1"), hints.get("u2")]).toEqual(["vm", undefined, "vm"]);
});
