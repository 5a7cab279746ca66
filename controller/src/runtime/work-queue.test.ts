import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { WorkQueue, type WorkQueueOptions, type WorkResult } from "./work-queue.ts";

const DONE: WorkResult = { next: "done" };
let abort = new AbortController();
afterEach(() => {
  abort.abort();
  abort = new AbortController();
});

function queueOf(work: WorkQueueOptions["work"], more: Partial<WorkQueueOptions> = {}): WorkQueue {
  return new WorkQueue({
    work,
    groupOf: (key) => key.split("/")[0] ?? "",
    workersPerGroup: 2,
    backoff: { baseMs: 1, maxMs: 4 },
    onError: () => undefined,
    signal: abort.signal,
    ...more,
  });
}

/** A gate that work waits at until the test opens it. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const settled = () => sleep(20);

describe("work queue", () => {
  test("additions while a key runs make one more run, never two at once", async () => {
    const { opened, open } = gate();
    let inFlight = 0;
    const seen: number[] = [];
    const queue = queueOf(async () => {
      seen.push(++inFlight);
      await opened;
      inFlight -= 1;
      return DONE;
    });
    queue.add("a/1");
    queue.add("a/1");
    queue.add("a/1");
    open();
    await settled();
    expect(seen).toEqual([1, 1]);
  });

  test("a group whose work hangs keeps its own workers busy and no others", async () => {
    const { opened, open } = gate();
    const started: string[] = [];
    const queue = queueOf(async (key) => {
      started.push(key);
      if (key.startsWith("dead/")) await opened;
      return DONE;
    });
    for (const key of ["dead/1", "dead/2", "dead/3", "live/1", "live/2", "live/3"]) queue.add(key);
    await settled();
    expect(started.sort()).toEqual(["dead/1", "dead/2", "live/1", "live/2", "live/3"]);
    open();
    await settled();
    expect(started).toContain("dead/3");
  });

  test("retries until it works, whether the work says so or throws, and reports what was thrown", async () => {
    const results = [
      Promise.resolve<WorkResult>({ next: "retry" }),
      Promise.reject(new Error("boom")),
      Promise.resolve(DONE),
    ];
    const errors: unknown[] = [];
    let runs = 0;
    const queue = queueOf(() => results[runs++] ?? Promise.resolve(DONE), {
      onError: (key, error) => errors.push([key, String(error)]),
    });
    queue.add("a/1");
    await settled();
    expect({ runs, errors }).toEqual({ runs: 3, errors: [["a/1", "Error: boom"]] });
  });

  test("a pause is cut short by an addition", async () => {
    let runs = 0;
    const queue = queueOf(() => Promise.resolve(runs++ === 0 ? { next: "again", afterMs: 60_000 } : DONE));
    queue.add("a/1");
    await settled();
    expect(runs).toBe(1);
    queue.add("a/1");
    await settled();
    expect(runs).toBe(2);
  });

  test("a stopped queue works on nothing more", async () => {
    const seen: string[] = [];
    const queue = queueOf((key) => {
      seen.push(key);
      return Promise.resolve(DONE);
    });
    queue.addAfter("a/1", 5);
    await settled();
    queue.addAfter("a/3", 5);
    abort.abort();
    queue.add("a/4");
    await settled();
    await queue.drained();
    expect(seen).toEqual(["a/1"]);
  });
});
