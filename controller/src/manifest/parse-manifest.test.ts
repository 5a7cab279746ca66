import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseManifest } from "./parse-manifest.ts";
import { formatProblem } from "./problem.ts";

/** What a file gives: "kind namespace/name @line:column #document" of every object, and every problem as it is printed. */
function outcome(text: string): { objects: string[]; problems: string[] } {
  const { resources, problems } = parseManifest("f.yaml", text);
  return {
    objects: resources.map(({ resource: { kind, metadata }, source: { line, column, document } }) => {
      return `${kind} ${metadata.namespace}/${metadata.name} @${line}:${column} #${document}`;
    }),
    problems: problems.map(formatProblem),
  };
}

const VM_CLASS = `apiVersion: infra.virtrigaud.io/v1beta1
kind: VMClass
metadata:
  name: small
spec:
  cpu: 2
  memory: 4Gi
`;

describe("documents and objects", () => {
  test.each<[string, string, { objects: string[]; problems: string[] }]>([
    ["nothing", "", { objects: [], problems: [] }],
    ["only comments and empty documents", "# a\n---\n---\n# b\n---\nnull\n", { objects: [], problems: [] }],
    [
      "several documents, counted with the empty ones",
      `---\n---\n${VM_CLASS}---\n# none\n---\n${VM_CLASS}`,
      {
        objects: ["VMClass default/small @3:1 #2", "VMClass default/small @13:1 #4"],
        problems: [],
      },
    ],
    [
      "Windows line ends",
      VM_CLASS.replaceAll("\n", "\r\n"),
      { objects: ["VMClass default/small @1:1 #1"], problems: [] },
    ],
    [
      "JSON",
      `{\n\t"apiVersion": "v1",\n\t"kind": "Secret",\n\t"metadata": {"name": "s"}\n}`,
      {
        objects: ["Secret default/s @1:1 #1"],
        problems: [],
      },
    ],
    [
      "a list, with a bad item",
      `kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: s}\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: t, lables: {}}\n- 5\n`,
      {
        objects: ["Secret default/s @4:3 #1"],
        problems: [
          "f.yaml:9:23 (document 1, Secret default/t) metadata.lables: unknown field; did you mean labels?",
          "f.yaml:10:3 (document 1): expected a Kubernetes object: a mapping with apiVersion, kind and metadata",
        ],
      },
    ],
    [
      "anchors and merge keys",
      `${VM_CLASS}  diskDefaults: &disk {type: thin}\n---\n${VM_CLASS}  diskDefaults:\n    <<: &base {type: thin}\n    size: 8Gi\n`,
      {
        objects: ["VMClass default/small @1:1 #1", "VMClass default/small @10:1 #2"],
        problems: [],
      },
    ],
  ])("%s", (_, text, expected) => {
    expect(outcome(text)).toEqual(expected);
  });
});

describe("positions", () => {
  test("a field stands at its key, a missing one at what should hold it", () => {
    const text = VM_CLASS.replace("cpu: 2", "cpu: eight\n  firmwar: UEFI").replace("  memory: 4Gi\n", "");
    expect(outcome(text).problems).toEqual([
      'f.yaml:6:3 (document 1, VMClass default/small) spec.cpu: expected an integer from 1 to 128, got "eight"',
      "f.yaml:5:1 (document 1, VMClass default/small) spec.memory: required: expected a whole number of bytes such as 8Gi, 512Mi or 1073741824",
      "f.yaml:7:3 (document 1, VMClass default/small) spec.firmwar: unknown field; did you mean firmware?",
    ]);
  });

  test("a field that came by an alias stands where it is written", () => {
    const text = `${VM_CLASS}  diskDefaults: &d\n    type: fat\n  extraConfig: {}\n---\n${VM_CLASS}  performanceProfile: &p {a: 1}\n  securityProfile: *p\n`;
    expect(outcome(text).problems).toEqual([
      'f.yaml:9:5 (document 1, VMClass default/small) spec.diskDefaults.type: expected one of thin, thick, eagerzeroedthick, ssd, hdd, nvme, got "fat"',
      "f.yaml:19:27 (document 2, VMClass default/small) spec.performanceProfile.a: unknown field; known here: latencySensitivity, cpuHotAddEnabled, memoryHotAddEnabled, virtualizationBasedSecurity, nestedVirtualization, hyperThreadingPolicy",
      "f.yaml:19:27 (document 2, VMClass default/small) spec.securityProfile.a: unknown field; known here: secureBoot, tpmEnabled, tpmVersion, vtdEnabled, encryptionPolicy",
    ]);
  });
});

describe("text that is no manifest", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const [name, previous] of ["ba", "cb", "dc", "ed"].map((pair) => [...pair])) {
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${previous}`).join(", ")}]`);
  }
  test.each<[string, string, string]>([
    [
      "not Kubernetes",
      "a: 1\n",
      "f.yaml:1:1 (document 1) apiVersion: required: expected text such as infra.virtrigaud.io/v1beta1",
    ],
    [
      "bad indentation",
      "a: 1\n  b: 2\n",
      "f.yaml:1:4 (document 1): Nested mappings are not allowed in compact mappings",
    ],
    ["an open quote", "a: 'hunter2\n", "f.yaml:2:1 (document 1): Missing closing 'quote"],
    ["a key twice", "a: 1\nb: 2\na: 3\n", "f.yaml:3:1 (document 1): Map keys must be unique"],
    [
      "a tag",
      "a: 1\nb: !hunter2\n",
      "f.yaml:2:4 (document 1): unknown tag: a text that begins with ! needs quotes",
    ],
    [
      "an alias without anchor",
      "a: 1\nb: *hunter2\n",
      "f.yaml:2:4 (document 1): alias without an anchor: a text that begins with * needs quotes",
    ],
    [
      "text after a block mark",
      "a: |hunter2\n b\n",
      "f.yaml:1:5 (document 1): Block scalar header includes extra characters",
    ],
    ["text at the end", "- a\nhunter2\n", "f.yaml:2:1 (document 1): Unexpected scalar at node end"],
    [
      "an alias bomb",
      bomb.join("\n"),
      "f.yaml:1:1 (document 1): the aliases expand to too much, or contain themselves",
    ],
    [
      "an alias in itself",
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: &a {x: *a}\n",
      "f.yaml:1:1 (document 1): the aliases expand to too much, or contain themselves",
    ],
    ["NUL", "a: 1\nb: x\u0000\n", "f.yaml:2:5 (document 1): a control character is not allowed"],
    [
      "deep nesting in brackets",
      "[".repeat(200_000),
      "f.yaml:1:101 (document 1): nested more than 100 levels deep",
    ],
    [
      "deep nesting in dashes",
      "- ".repeat(200_000),
      "f.yaml:1:200 (document 1): nested more than 100 levels deep",
    ],
    [
      "too many fields",
      Array.from({ length: 100_000 }, (_, i) => `k${i}: 1\n`).join(""),
      "f.yaml:1001:6 (document 1): a mapping of more than 1000 fields",
    ],
  ])("%s", (_, text, problem) => {
    expect(outcome(text)).toEqual({ objects: [], problems: [problem] });
  });

  test("a document with an error does not hide the others", () => {
    expect(outcome(`a: 'x' y\n---\n${VM_CLASS}---\nb: [\n---\n${VM_CLASS}`)).toEqual({
      objects: ["VMClass default/small @3:1 #2", "VMClass default/small @13:1 #4"],
      problems: [
        "f.yaml:1:8 (document 1): Unexpected scalar at node end",
        "f.yaml:12:1 (document 3): Flow sequence in block collection must be sufficiently indented and end with a ]",
      ],
    });
  });

  test("any text gives objects or problems with a place, never a crash", () => {
    const lines = [..."abc *&!|>'\"{}[],:-?#%@`~"]
      .map((c) => `x: ${c}`)
      .concat(VM_CLASS.split("\n"), "---", "- a", "  - b: [");
    const likely = fc.array(fc.constantFrom(...lines), { maxLength: 30 }).map((chosen) => chosen.join("\n"));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), likely), (text) => {
        for (const { line, column, document, message } of parseManifest("f", text).problems) {
          expect([line, column, document].every((n) => n !== undefined && n >= 1)).toBe(true);
          expect(message).not.toBe("");
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("any value in any place of an object gives a resource or problems", () => {
    const path = fc.array(
      fc.constantFrom("metadata", "spec", "name", "networks", "performanceProfile", "kind", "data"),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom("VMClass", "VirtualMachine", "VMImage", "Secret"),
        path,
        fc.json(),
        (kind, steps, json) => {
          const value = steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), JSON.parse(json));
          const object = {
            apiVersion: kind === "Secret" ? "v1" : "infra.virtrigaud.io/v1beta1",
            kind,
            ...(value as object),
          };
          const { resources, problems } = parseManifest("f", JSON.stringify(object));
          expect(resources.length === 1).toBe(problems.length === 0);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
