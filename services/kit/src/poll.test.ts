import { expect, test } from "@jest/globals";
import { pollUntil } from "./poll.ts";

const fast = { intervalMs: 1, maxIntervalMs: 5 };

test("looks at once and again until there is something to see", async () => {
  let looks = 0;
  const signal = new AbortController().signal;
  const seen = await pollUntil(async () => ((looks += 1) < 4 ? undefined : looks), { signal, ...fast });
  expect(seen).toBe(4);
});

test("pauses grow to the longest and no further", async () => {
  const at: number[] = [];
  const signal = new AbortController().signal;
  await pollUntil(async () => (at.push(performance.now()) < 6 ? undefined : true), {
    signal,
    intervalMs: 20,
    maxIntervalMs: 40,
  });
  const pauses = at.slice(1).map((time, index) => time - Number(at[index]));
  for (const [index, least] of [19, 29, 39, 39, 39].entries())
    expect(pauses[index]).toBeGreaterThanOrEqual(least);
  expect(Math.max(...pauses)).toBeLessThan(80);
});

test("rejects with the signal's reason, also in a pause", async () => {
  const reason = new Error("stop");
  await expect(pollUntil(async () => undefined, { signal: AbortSignal.abort(reason), ...fast })).rejects.toBe(
    reason,
  );
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 20);
  const call = pollUntil(async () => undefined, {
    signal: controller.signal,
    intervalMs: 60_000,
    maxIntervalMs: 60_000,
  });
  await expect(call).rejects.toBe(reason);
});

test("what the look throws ends it", async () => {
  const signal = new AbortController().signal;
  await expect(pollUntil(() => Promise.reject(new Error("broken")), { signal, ...fast })).rejects.toThrow(
    "broken",
  );
});
