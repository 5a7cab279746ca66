import { expect, test } from "@jest/globals";
import { index } from "./lookup.ts";
import { parseManifest } from "./parse-manifest.ts";

test("objects are found by kind, namespace and name, and by nothing less", () => {
  const { resources } = parseManifest(
    "f",
    `
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Secret, metadata: { name: a } }
  - { apiVersion: v1, kind: Secret, metadata: { name: a, namespace: lab } }
  - { apiVersion: infra.virtrigaud.io/v1beta1, kind: VMClass, metadata: { name: a }, spec: { cpu: 1, memory: 1Gi } }
`,
  );
  const [secret, labSecret, vmClass] = resources.map(({ resource }) => resource);
  const lookup = index(resources.map(({ resource }) => resource));
  expect(lookup.get("Secret", "default", "a")).toBe(secret);
  expect(lookup.get("Secret", "lab", "a")).toBe(labSecret);
  expect(lookup.get("VMClass", "default", "a")).toBe(vmClass);
  expect(lookup.get("VMClass", "lab", "a")).toBeUndefined();
  expect(lookup.get("VMImage", "default", "a")).toBeUndefined();
});
