import { expect, test } from "@jest/globals";
import type { Report } from "../run.ts";
import { junit } from "./junit.ts";
import { table } from "./table.ts";

const common = { title: "", contract: "vm.proto, VM: <Everything>." };
const report: Report = {
  provider: "memory 0.1.0",
  results: [
    { ...common, id: "info", outcome: "PASS", durationMs: 5, message: "" },
    {
      ...common,
      id: "create-blank",
      outcome: "FAIL",
      durationMs: 1200,
      message: 'name: expected "a" & <b>, got\nc',
    },
    {
      ...common,
      id: "watch",
      outcome: "SKIP",
      durationMs: 0,
      message: "FEATURE_WATCH is UNSUPPORTED: not yet",
    },
  ],
};

test("as a table", () => {
  expect(table(report)).toBe(
    [
      "PASS  info               5 ms",
      'FAIL  create-blank    1200 ms  name: expected "a" & <b>, got',
      "c",
      "SKIP  watch              0 ms  FEATURE_WATCH is UNSUPPORTED: not yet",
      "",
      "memory 0.1.0: 1 passed, 1 failed, 1 skipped",
      "",
    ].join("\n"),
  );
});

test("as JUnit XML", () => {
  expect(junit(report)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" skipped="1">
  <testsuite name="memory 0.1.0" tests="3" failures="1" skipped="1">
    <testcase classname="conformance" name="info" time="0.005"/>
    <testcase classname="conformance" name="create-blank" time="1.2"><failure message="name: expected &quot;a&quot; &amp; &lt;b&gt;, got&#10;c">vm.proto, VM: &lt;Everything&gt;.</failure></testcase>
    <testcase classname="conformance" name="watch" time="0"><skipped message="FEATURE_WATCH is UNSUPPORTED: not yet"/></testcase>
  </testsuite>
</testsuites>
`);
});
