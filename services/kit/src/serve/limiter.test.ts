import { describe, expect, test } from "@jest/globals";
import { ProviderError } from "../errors/provider-error.ts";
import { createLimiter } from "./limiter.ts";

const never = new AbortController().signal;

/** Runs one call per name, "caller" + anything, and tells in which order they got their turn. */
async function order(maxWaiting: number, calls: string[]) {
  const limiter = createLimiter(1, maxWaiting, "KNOB");
  const log: string[] = [];
  const first = await limiter.acquire("z", never);
  const all = calls.map((call) =>
    limiter.acquire(call.charAt(0), never).then(
      (release) => {
        log.push(call);
        release();
      },
      (error: ProviderError) => void log.push(`${call} ${error.reason}`),
    ),
  );
  await Promise.resolve();
  first();
  await Promise.all(all);
  expect(limiter.counts()).toEqual({ running: 0, waiting: 0 });
  return log;
}

describe("the limiter", () => {
  test("lets callers take turns", async () => {
    expect(await order(9, ["a1", "a2", "a3", "b1", "c1", "b2"])).toEqual([
      "a1",
      "b1",
      "c1",
      "a2",
      "b2",
      "a3",
    ]);
  });

  test("turns away the newest call of whoever has the most waiting", async () => {
    const log = await order(3, ["a1", "a2", "a3", "b1", "a4"]);
    expect(log.filter((line) => line.includes("TOO_MANY_CALLS")).sort()).toEqual([
      "a3 TOO_MANY_CALLS",
      "a4 TOO_MANY_CALLS",
    ]);
    expect(log.filter((line) => !line.includes(" "))).toEqual(["a1", "b1", "a2"]);
  });

  test("lets a waiting call leave", async () => {
    const limiter = createLimiter(1, 5, "KNOB");
    const release = await limiter.acquire("a", never);
    const controller = new AbortController();
    const left = limiter.acquire("a", controller.signal);
    const stays = limiter.acquire("a", never);
    expect(limiter.counts()).toEqual({ running: 1, waiting: 2 });
    const reason = new ProviderError({ code: 4, reason: "DEADLINE_EXCEEDED", message: "late" });
    controller.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect(limiter.counts()).toEqual({ running: 1, waiting: 1 });
    release();
    (await stays)();
    expect(limiter.counts()).toEqual({ running: 0, waiting: 0 });
    await expect(limiter.acquire("a", controller.signal)).rejects.toBe(reason);
  });
});
