import { expect, test } from "@jest/globals";
import { readCommandLine } from "./command-line.ts";

const defaults = { listen: "127.0.0.1:0", nesting: "capable", guest: "simulated", taskMs: 20 };

test.each([
  [[], { kind: "start", options: defaults }],
  [["--help", "--listen", "x"], { kind: "help" }],
  [
    ["--listen", "127.0.0.1:9", "--nesting", "unknown", "--guest", "true", "--task-ms", "0"],
    { kind: "start", options: { listen: "127.0.0.1:9", nesting: "unknown", guest: "true", taskMs: 0 } },
  ],
  [
    ["--listen", "9", "--nesting", "a", "--guest", "b", "--task-ms", "c"],
    {
      kind: "wrong",
      problems: [
        "--listen 9: must be HOST:PORT",
        "--nesting a: must be capable, incapable or unknown",
        "--guest b: must be simulated, true, false, unknown",
        "--task-ms: must be a whole number of milliseconds",
      ],
    },
  ],
])("%j", (args, expected) => {
  expect(readCommandLine(args)).toEqual(expected);
});

test("an unknown argument is named", () => {
  const parsed = readCommandLine(["--speed"]);
  expect(parsed.kind === "wrong" && parsed.problems[0]).toMatch(/--speed/);
});
