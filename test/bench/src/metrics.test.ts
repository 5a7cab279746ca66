import { expect, test } from "@jest/globals";
import { countersIn, describeCounts, gaugeIn, grown, total } from "./metrics.ts";

const text = `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{method="Login",status="200"} 1
calls_total{method="Read",status="200"} 40
calls_total{method="Read",status="none"} 2
other_calls_total{method="Read",status="200"} 7
calls_total_sum{method="Read"} 9
lag_seconds 0.25
lag_seconds_max 0.5
`;

test("a counter's samples are summed by a label", () => {
  expect(countersIn(text, "calls_total", "method")).toEqual(
    new Map([
      ["Login", 1],
      ["Read", 42],
    ]),
  );
  expect(countersIn(text, "missing_total", "method")).toEqual(new Map());
});

test("a gauge is told from those whose names begin like its own", () => {
  expect(gaugeIn(text, "lag_seconds")).toBe(0.25);
  expect(() => gaugeIn(text, "missing_seconds")).toThrow("missing_seconds");
});

test("what grew is told, summed and described", () => {
  const before = new Map([
    ["Login", 1],
    ["Read", 40],
  ]);
  const after = new Map([
    ["Login", 1],
    ["Read", 42.125],
    ["Create", 1],
  ]);
  const counts = grown(before, after);
  expect(counts).toEqual(
    new Map([
      ["Read", 2.125],
      ["Create", 1],
    ]),
  );
  expect(total(counts)).toBe(3.125);
  expect(describeCounts(counts)).toBe("Read 2.13, Create 1");
});
