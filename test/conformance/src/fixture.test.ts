import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { Feature, Image, Tristate } from "@virtrigaud/proto";
import { FixtureError, parseFixture, readFixture } from "./index.ts";

const directory = fileURLToPath(new URL("../fixtures/", import.meta.url));

test.each(readdirSync(directory))("%s is a fixture", (file) => {
  expect(readFixture(`${directory}${file}`).provider).toBe(file.replace(".yaml", ""));
});

test("a fixture becomes features, messages and milliseconds, with its defaults", () => {
  const text = `
provider: mine
capabilities: { supported: [CPU, PLAN] }
nested: { expect: refused }
image: { vsphere: { templateName: t } }
timeouts: { caseSeconds: 5 }
`;
  expect(parseFixture(text, "mine.yaml")).toEqual({
    provider: "mine",
    capabilities: { supported: [Feature.CPU, Feature.PLAN], unknown: [] },
    nested: { expect: "refused", verified: Tristate.UNKNOWN },
    image: Image.fromPartial({ vsphere: { templateName: "t" } }),
    timeouts: { caseMs: 5_000, operationMs: 60_000, heartbeatMs: 30_000 },
  });
});

test("every problem is told at once, with file and path", () => {
  const text = `
capabilities: { supported: [CPU, FLUX] }
nested: { expect: maybe }
image: { vsphere: { template: t } }
speed: 9
`;
  const read = () => parseFixture(text, "bad.yaml");
  expect(read).toThrow(FixtureError);
  const lines = problems(read).split("\n");
  expect(lines[0]).toBe("bad.yaml is not a conformance fixture:");
  const paths = lines.slice(1).map((line) => line.trim().split(":")[0]);
  expect(paths).toEqual(["provider", "capabilities.supported.1", "nested.expect", "image", "(root)"]);
});

test("what is not YAML is told with its file", () => {
  expect(problems(() => parseFixture("a: [", "torn.yaml"))).toMatch(/^torn\.yaml is not YAML: /);
});

function problems(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof FixtureError) return error.message;
  }
  throw new Error("expected a FixtureError");
}
