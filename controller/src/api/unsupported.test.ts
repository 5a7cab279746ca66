import { describe, expect, test } from "@jest/globals";
import { type Kind, type Resource, kinds } from "./kinds.ts";
import { type SchemaNode, jsonSchema, nodeAt } from "./json-schema.ts";
import { parseResource } from "./parse.ts";
import { unsupported } from "./unsupported-fields.ts";
import { unsupportedFields } from "./unsupported.ts";

function parsed(kind: Kind, spec: unknown): Resource {
  const { resource, problems } = parseResource({
    apiVersion: "infra.virtrigaud.io/v1beta1",
    kind,
    metadata: { name: "x" },
    spec,
  });
  if (resource === undefined) throw new Error(JSON.stringify(problems));
  return resource;
}

const paths = (kind: Kind, spec: unknown) => unsupportedFields(parsed(kind, spec)).map(({ path }) => path);

const machine = { providerRef: { name: "p" }, classRef: { name: "c" }, imageRef: { name: "i" } };

describe("unsupportedFields", () => {
  test("names the field and the way out", () => {
    const vm = parsed("VirtualMachine", { ...machine, resources: { cpu: 2, gpu: { count: 1 } } });
    expect(unsupportedFields(vm)).toEqual([
      { path: "spec.resources.gpu", message: "GPUs are not assigned by any provider yet" },
    ]);
  });

  test("names each item of a list", () => {
    const disks = [
      { name: "a", sizeGiB: 1, type: "thin" },
      { name: "b", sizeGiB: 1, type: "ssd" },
      { name: "c", sizeGiB: 1, type: "hdd", scsi: { sharedBus: "noSharing", controllerType: "pvscsi" } },
    ];
    expect(paths("VirtualMachine", { ...machine, disks })).toEqual([
      "spec.disks[1].type",
      "spec.disks[2].type",
    ]);
  });

  test.each<[string, Kind, unknown, string[]]>([
    ["nothing asked", "VMClass", { cpu: 1, memory: "1Gi" }, []],
    [
      "encryption switched off",
      "VMClass",
      {
        cpu: 1,
        memory: 1,
        securityProfile: { encryptionPolicy: { enabled: false, requireEncryption: false } },
      },
      [],
    ],
    [
      "encryption asked for",
      "VMClass",
      { cpu: 1, memory: 1, securityProfile: { encryptionPolicy: { enabled: true } } },
      ["spec.securityProfile.encryptionPolicy.enabled"],
    ],
    ["the API's default tools policy", "VMClass", { cpu: 1, memory: 1, guestToolsPolicy: "install" }, []],
    [
      "tools upgrade",
      "VMClass",
      { cpu: 1, memory: 1, guestToolsPolicy: "upgrade" },
      ["spec.guestToolsPolicy"],
    ],
    [
      "several at once",
      "VMClass",
      { cpu: 1, memory: 1, guestToolsPolicy: "upgrade", diskDefaults: { type: "nvme", iops: 100 } },
      ["spec.guestToolsPolicy", "spec.diskDefaults.type"],
    ],
    [
      "a storage pod that loses to its datastore",
      "VirtualMachine",
      { ...machine, placement: { storagePod: "s", datastore: "d" } },
      [],
    ],
    [
      "a storage pod",
      "VirtualMachine",
      { ...machine, placement: { storagePod: "s" } },
      ["spec.placement.storagePod"],
    ],
    [
      "a registry image only",
      "VMImage",
      { source: { registry: { image: "a:b" } } },
      ["spec.source.registry"],
    ],
    [
      "a registry image besides another source",
      "VMImage",
      { source: { registry: { image: "a:b" }, http: { url: "http://a" } } },
      [],
    ],
  ])("%s", (_, kind, spec, expected) => {
    expect(paths(kind, spec)).toEqual(expected);
  });

  test("every entry of the table is a field of its kind", () => {
    const wrong = Object.entries(unsupported).flatMap(([kind, fields]) =>
      fields
        .filter(({ path }) => leaf(jsonSchema(kind as Kind), path) === undefined)
        .map(({ path }) => `${kind} ${path}`),
    );
    expect(wrong).toEqual([]);
    expect(Object.keys(kinds)).toEqual(expect.arrayContaining(Object.keys(unsupported)));
  });
});

function leaf(root: SchemaNode, path: string): SchemaNode | undefined {
  return nodeAt(
    root,
    path.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), 0] : [step])),
  );
}
