import { describe, expect, test } from "@jest/globals";
import type { Row } from "./measurement.ts";
import { formatNumber, renderPlans, renderRows } from "./table.ts";
import { verdict } from "./verdict.ts";

const row = (id: string, value: number | null, rest: Partial<Row> = {}): Row => ({
  id,
  value,
  unit: "ms",
  target: null,
  comparison: null,
  n: 5,
  note: null,
  ...rest,
});
const most = { at: "most", bound: 6 } as const;
const least = { at: "least", bound: 0.75 } as const;

test("rows are shown with value, target and verdict, comparison and note below", () => {
  const rows = [
    row("a.round_trips", 6, { unit: "calls", target: most }),
    row("b.ratio", 0.7, { unit: "x", target: least, comparison: "0.7 of 10", note: "how" }),
    row("c.rate", 1234.5, { unit: "VMs/s" }),
    row("d.p99", null, { target: most, n: 0, note: "absent: no Go" }),
  ];
  expect(renderRows(rows)).toBe(
    [
      "row            value        target   result    n",
      "a.round_trips  6 calls      <= 6     held      5",
      "b.ratio        0.7 x        >= 0.75  MISSED    5",
      "    0.7 of 10",
      "    how",
      "c.rate         1,235 VMs/s                     5",
      "d.p99          -            <= 6     no value  0",
      "    absent: no Go",
    ].join("\n"),
  );
});

test("plans are shown with their targets", () => {
  const plans = [
    { id: "a.round_trips", unit: "calls", target: most },
    { id: "c", unit: "x" },
  ];
  expect(renderPlans(plans)).toBe("a.round_trips  calls  <= 6\nc              x");
});

describe("verdict", () => {
  test.each([
    [6, most, "held"],
    [6.001, most, "missed"],
    [0.75, least, "held"],
    [0.7499, least, "missed"],
    [0, most, "held"],
    [1, null, "none"],
    [null, most, "unknown"],
    [null, null, "none"],
  ])("%p against %j is %s", (value, target, expected) => {
    expect(verdict({ value, target })).toBe(expected);
  });
});

test.each([
  [0.81272, "0.8127"],
  [6, "6"],
  [6.0004, "6"],
  [62.9, "62.9"],
  [1143.197, "1,143"],
  [12340.6, "12,341"],
])("%d is written %s", (value, expected) => {
  expect(formatNumber(value)).toBe(expected);
});
