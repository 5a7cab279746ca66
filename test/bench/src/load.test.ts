import { expect, test } from "@jest/globals";
import { inParallel, measureRate } from "./load.ts";

test("runs every index once, that many at a time, and answers in their order", async () => {
  let running = 0;
  let most = 0;
  const work = async (index: number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5 - (index % 5)));
    running -= 1;
    return index * 10;
  };
  expect(await inParallel(10, 4, work)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect(most).toBe(4);
});

test("begins nothing more after a failure", async () => {
  const begun: number[] = [];
  const work = async (index: number) => {
    begun.push(index);
    if (index === 2) throw new Error("broke");
  };
  await expect(inParallel(100, 1, work)).rejects.toThrow("broke");
  expect(begun).toEqual([0, 1, 2]);
});

test("a rate counts the calls by the time that they take", async () => {
  const slow = () => new Promise((resolve) => setTimeout(resolve, 20));
  // A timer may be late and is a little early at most.
  expect(await measureRate(6, 2, slow)).toBeLessThan(6 / 0.057);
  expect(await measureRate(6, 2, slow)).toBeGreaterThan(1);
});
