import { expect, test } from "@jest/globals";
import { countersIn } from "./metrics.ts";

const text = `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{method="Login",status="200"} 1
calls_total{method="Read",status="200"} 40
calls_total{method="Read",status="none"} 2
other_calls_total{method="Read",status="200"} 7
calls_total_sum{method="Read"} 9
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
