import { expect, test } from "@jest/globals";
import { readCommandLine } from "./command-line.ts";

const measure = { kind: "measure", names: [], json: undefined, check: false, runs: 5 };

test.each([
  [[], measure],
  [["grpc", "provider.rss"], { ...measure, names: ["grpc", "provider.rss"] }],
  [["--json", "out.json", "--check"], { ...measure, json: "out.json", check: true }],
  [["--runs", "7"], { ...measure, runs: 7 }],
  [["--list", "grpc"], { kind: "list", names: ["grpc"] }],
  [["--help"], { kind: "help" }],
  [["--runs", "0"], { kind: "wrong", problem: "--runs must be a whole number from 1" }],
  [["--runs", "1.5"], { kind: "wrong", problem: "--runs must be a whole number from 1" }],
  [
    ["--runs", "4", "--check"],
    { kind: "wrong", problem: "--check needs medians of at least 5 runs; raise --runs" },
  ],
  [["--fast"], { kind: "wrong", problem: expect.stringContaining("'--fast'") }],
])("%j", (args, expected) => {
  expect(readCommandLine(args)).toEqual(expected);
});
