import { describe, expect, test } from "@jest/globals";
import { DiskProvisioning, Firmware, NestedPolicy, TpmVersion, VMSpec } from "@virtrigaud/proto";
import { canonicalSpec, specFingerprint, WIDE_FIELDS } from "./fingerprint.ts";
import { fieldsOf } from "./testing/descriptors.ts";

const GIB = 2 ** 30;

describe("the canonical form", () => {
  test.each([
    ["nothing", {}, "{}"],
    [
      "the least",
      { name: "a", cpus: 1, memoryBytes: GIB },
      '{"cpus":1,"memoryBytes":"1073741824","name":"a"}',
    ],
    [
      "default-valued fields are left out",
      { name: "", cpus: 0, firmware: Firmware.UNSPECIFIED, disks: [], extraConfig: {} },
      "{}",
    ],
    [
      "optional fields that are set stay, whatever their value",
      { secureBoot: false, cpuAllocation: { reservationMhz: 0 } },
      '{"cpuAllocation":{"reservationMhz":0},"secureBoot":false}',
    ],
    [
      "a message that is set stays, even when empty",
      { tpm: { version: TpmVersion.TPM_VERSION_UNSPECIFIED } },
      '{"tpm":{}}',
    ],
    [
      "enums by their full names",
      { firmware: Firmware.UEFI, nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      '{"firmware":"FIRMWARE_UEFI","nestedVirtualization":{"policy":"NESTED_POLICY_REQUIRED"}}',
    ],
    [
      "lists keep their order, 64-bit integers are strings, 32-bit ones are not",
      {
        disks: [
          { name: "root", sizeBytes: 40 * GIB, provisioning: DiskProvisioning.THIN, iopsLimit: 500 },
          { name: "data" },
        ],
        networkInterfaces: [{ name: "eth0", mtuBytes: 9000 }],
        tags: ["b", "a"],
      },
      '{"disks":[{"iopsLimit":500,"name":"root","provisioning":"DISK_PROVISIONING_THIN","sizeBytes":"42949672960"},{"name":"data"}],"networkInterfaces":[{"mtuBytes":9000,"name":"eth0"}],"tags":["b","a"]}',
    ],
    [
      "map keys sort by code unit and are escaped",
      { extraConfig: { "a.Z": "1", "a.B": '"', ä: "ü", memoryBytes: "7" } },
      '{"extraConfig":{"a.B":"\\"","a.Z":"1","memoryBytes":"7","ä":"ü"}}',
    ],
    ["cloud_init is no part of it", { name: "a", cloudInit: { userData: "secret" } }, '{"name":"a"}'],
    [
      "an image is",
      { image: { name: "u", proxmox: { templateId: 9000, fullClone: false } } },
      '{"image":{"name":"u","proxmox":{"fullClone":false,"templateId":9000}}}',
    ],
  ])("%s", (_what, spec, text) => {
    expect(canonicalSpec(VMSpec.fromPartial(spec as never))).toBe(text);
  });

  test("knows exactly the 64-bit fields within VMSpec", () => {
    const wide = fieldsOf("VMSpec").filter(({ type }) => type === "TYPE_UINT64" || type === "TYPE_INT64");
    expect(new Set(wide.map(({ name }) => name))).toEqual(WIDE_FIELDS);
  });
});

test("the fingerprint is SHA-256 in hex over it", () => {
  // printf '{"cpus":1,"memoryBytes":"1073741824","name":"a"}' | sha256sum
  const spec = VMSpec.create({ name: "a", cpus: 1, memoryBytes: GIB });
  expect(specFingerprint(spec)).toBe("95caac4431739ab8f3f2bddc27f3c15898d027c4d1dc571bfdb4aa328dcd8c16");
  expect(specFingerprint({ ...spec, cloudInit: { userData: "x", metaData: {} } })).toBe(
    specFingerprint(spec),
  );
  expect(specFingerprint({ ...spec, cpus: 2 })).not.toBe(specFingerprint(spec));
});
