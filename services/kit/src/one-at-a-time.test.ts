import { expect, test } from "@jest/globals";
import { OneAtATime } from "./one-at-a-time.ts";
import { createGate } from "./testing/eventually.ts";

const { signal } = new AbortController();

test("work of one key runs in the order in which it came, that of another at once, and failures hold nobody up", async () => {
  const turns = new OneAtATime();
  const gate = createGate();
  const seen: string[] = [];
  const first = turns.run("a", signal, async () => {
    seen.push("first begins");
    await gate.opened;
    seen.push("first ends");
    throw new Error("first failed");
  });
  const second = turns.run("a", signal, async () => seen.push("second"));
  await turns.run("b", signal, async () => seen.push("other"));
  gate.open();
  await expect(first).rejects.toThrow("first failed");
  await second;
  expect(seen).toEqual(["first begins", "other", "first ends", "second"]);
});

test("who gives up while waiting gets away at once, is not run, and lets nobody pass", async () => {
  const turns = new OneAtATime();
  const gate = createGate();
  const seen: string[] = [];
  const first = turns.run("a", signal, async () => {
    await gate.opened;
    seen.push("first");
  });
  const controller = new AbortController();
  const second = turns.run("a", controller.signal, async () => seen.push("second"));
  const third = turns.run("a", signal, async () => seen.push("third"));
  controller.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  expect(seen).toEqual([]);
  gate.open();
  await Promise.all([first, third]);
  expect(seen).toEqual(["first", "third"]);
});
