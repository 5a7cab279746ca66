import { describe, expect, jest, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { Remembered } from "./remembered.ts";

const never = new AbortController().signal;

describe("what is remembered", () => {
  test("is read once by all who ask at the same time", async () => {
    const read = jest.fn(async () => 1);
    const memory = new Remembered<string, number>(60_000);
    expect(await Promise.all([memory.get("a", read, never), memory.get("a", read, never)])).toEqual([1, 1]);
    await memory.get("b", read, never);
    expect(read).toHaveBeenCalledTimes(2);
  });

  test("is read again when it is old, and when it was cleared", async () => {
    const read = jest.fn(async () => 1);
    const memory = new Remembered<string, number>(20);
    await memory.get("a", read, never);
    expect(memory.clear(10_000)).toBe(false);
    await sleep(30);
    await memory.get("a", read, never);
    expect(memory.clear(0)).toBe(true);
    await memory.get("a", read, never);
    expect(read).toHaveBeenCalledTimes(3);
  });

  test("is not a failure", async () => {
    const memory = new Remembered<string, number>(60_000);
    await expect(memory.get("a", () => Promise.reject(new Error("no")), never)).rejects.toThrow("no");
    expect(await memory.get("a", async () => 2, never)).toBe(2);
  });

  test("is read to its end although some who asked give up", async () => {
    const memory = new Remembered<string, number>(60_000);
    const impatient = new AbortController();
    const first = memory.get("a", () => sleep(30, 3), impatient.signal);
    const twice = () => Promise.reject(new Error("read twice"));
    const second = memory.get("a", twice, impatient.signal);
    const third = memory.get("a", twice, never);
    impatient.abort(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    await expect(second).rejects.toThrow("gone");
    expect(await third).toBe(3);
  });
});
