import { describe, expect, test } from "@jest/globals";
import { DebianPackagesMissing, GoProgramUnavailable } from "@virtrigaud/test-tools";
import type { Bench, Measurement, Reading } from "./measurement.ts";
import { repeatPair } from "./repeat.ts";
import { run } from "./run.ts";

/** A measurement of one row that starts something, and what became of that. */
function starting(id: string, measure: (bench: Bench) => Promise<Reading>) {
  const events: string[] = [];
  const measurement: Measurement = {
    rows: [{ id, unit: "ms", target: { at: "most", bound: 9 } }],
    async measure(bench) {
      for (const name of ["server", "client"])
        await bench.scope.own(
          async () => ({ name }),
          (one) => events.push(`${one.name} stopped`),
        );
      return { [id]: await measure(bench) };
    },
  };
  return { measurement, events };
}

const empty = { unit: "ms", target: { at: "most", bound: 9 }, value: null, comparison: null, n: 0 };
const stopped = ["client stopped", "server stopped"];

function runAll(measurements: Measurement[], signal = new AbortController().signal) {
  const ids = new Set(measurements.flatMap(({ rows }) => rows.map(({ id }) => id)));
  return run(measurements, { ids, runs: 5, signal, progress: () => undefined });
}

describe("run", () => {
  test("goes on after what is absent or fails, and stops what was started, the last first", async () => {
    const absent = starting("a", () => Promise.reject(new GoProgramUnavailable("no Go")));
    const broken = starting("b", () => Promise.reject(new Error("broke\nwith details")));
    const whole = starting("c", async ({ runs }) => ({ value: 4, n: runs, comparison: "8 of it" }));
    expect(await runAll([absent.measurement, broken.measurement, whole.measurement])).toEqual({
      failed: true,
      rows: [
        { ...empty, id: "a", note: "absent: no Go" },
        { ...empty, id: "b", note: "failed: broke" },
        { ...empty, id: "c", value: 4, n: 5, comparison: "8 of it", note: null },
      ],
    });
    expect([absent.events, broken.events, whole.events]).toEqual([stopped, stopped, stopped]);
  });

  test.each([new GoProgramUnavailable("no Go"), new DebianPackagesMissing("no Go")])(
    "absence alone is no failure: %p",
    async (error) => {
      const { measurement } = starting("a", () => Promise.reject(error));
      const rows = [{ ...empty, id: "a", note: "absent: no Go" }];
      expect(await runAll([measurement])).toEqual({ failed: false, rows });
    },
  );

  test("stops under the measurement's hands when interrupted, and measures nothing more", async () => {
    const controller = new AbortController();
    const waiting = starting("a", async ({ scope }) => {
      controller.abort();
      await scope.close();
      await scope.own(
        async () => ({}),
        () => undefined,
      );
      return { value: 1, n: 1 };
    });
    const next = starting("b", async () => ({ value: 1, n: 1 }));
    expect(await runAll([waiting.measurement, next.measurement], controller.signal)).toEqual({
      rows: [],
      failed: false,
    });
    expect([waiting.events, next.events]).toEqual([stopped, []]);
  });
});

test("rivals take turns at being first", async () => {
  const order: string[] = [];
  const rival = (name: string) => async () => {
    order.push(name);
    return name;
  };
  const bench = { runs: 3, signal: new AbortController().signal };
  expect(await repeatPair(bench, rival("ours"), rival("raw"))).toEqual([
    ["ours", "raw"],
    ["ours", "raw"],
    ["ours", "raw"],
  ]);
  expect(order).toEqual(["ours", "raw", "raw", "ours", "ours", "raw"]);
});
