import { expect, test } from "@jest/globals";
import { type ManifestProblem, formatProblem } from "./problem.ts";

test.each<[ManifestProblem, string]>([
  [
    {
      file: "deploy/vm.yaml",
      line: 12,
      column: 5,
      document: 2,
      kind: "VMClass",
      namespace: "default",
      name: "hypervisor-class",
      field: "spec.cpu",
      message: 'expected an integer from 1 to 128, got "eight"',
    },
    'deploy/vm.yaml:12:5 (document 2, VMClass default/hypervisor-class) spec.cpu: expected an integer from 1 to 128, got "eight"',
  ],
  [{ file: "a.yaml", line: 1, column: 2, document: 1, message: "bad" }, "a.yaml:1:2 (document 1): bad"],
  [
    { file: "a.yaml", line: 1, column: 2, document: 1, kind: "VMClass", message: "bad" },
    "a.yaml:1:2 (document 1, VMClass): bad",
  ],
  [{ file: "nowhere", message: "cannot be read" }, "nowhere: cannot be read"],
  [{ file: "a\u001b[31m\n.yaml", message: "bad" }, "a?[31m?.yaml: bad"],
])("%#", (problem, line) => {
  expect(formatProblem(problem)).toBe(line);
});
