import { describe, expect, test } from "@jest/globals";
import { Firmware, LatencySensitivity, NestedPolicy, type VMSpec } from "@virtrigaud/proto";
import { host, inventory } from "../testing/sample-inventory.ts";
import { devices, marker, type Part, spec, stored } from "../testing/sample-vm.ts";
import type { VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../vim/types.ts";
import { correctExisting, type ExistingInput } from "./existing.ts";

const gib = 1024 ** 3;
const correct = (
  asked: Part<VMSpec>,
  held: Partial<VirtualMachineConfigInfo> = {},
  more: Partial<ExistingInput> = {},
) =>
  correctExisting({
    marker,
    spec: spec(asked),
    inventory: inventory(),
    settings: { defaults: {}, storageClasses: {} },
    encode: (text) => `packed(${text})`,
    stored: stored(held),
    host: host(1),
    ...more,
  });
/** The same, as vCenter would hold it after the correction was sent. */
const after = (change: VirtualMachineConfigSpec | undefined): Partial<VirtualMachineConfigInfo> => ({
  extraConfig: [...(stored().extraConfig ?? []), ...(change?.extraConfig ?? [])],
});

const root = { name: "root", sizeBytes: 20 * gib };
const eth0 = { name: "eth0", vsphere: { portgroup: "VM Network" } };
const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

describe("a VM that exists", () => {
  test("as asked needs nothing", () => {
    expect(correct({ disks: [root], networkInterfaces: [eth0] })).toEqual({
      change: undefined,
      violations: [],
    });
  });

  test("with another's extra devices needs nothing", () => {
    expect(correct({})).toEqual({ change: undefined, violations: [] });
  });

  test("that lost what cloning loses is corrected at once, in one reconfiguration", () => {
    const { change, violations } = correct({
      ...nested,
      firmware: Firmware.UEFI,
      tpm: {},
      disks: [
        { ...root, sizeBytes: 30 * gib },
        { name: "data", sizeBytes: gib },
      ],
      networkInterfaces: [{ ...eth0, vsphere: { portgroup: "lab" } }],
    });
    expect(violations).toEqual([]);
    expect({
      ...change,
      deviceChange: change?.deviceChange?.map(({ operation, device }) => [operation, device.$type]),
    }).toEqual({
      changeVersion: "2024-01-01T00:00:00Z",
      nestedHVEnabled: true,
      firmware: "efi",
      extraConfig: [
        {
          key: "virtrigaud.corrections",
          value:
            "1 add VirtualDisk, add VirtualTPM, edit VirtualDisk, edit VirtualVmxnet3, firmware, nestedHVEnabled",
        },
      ],
      deviceChange: [
        ["edit", "VirtualDisk"],
        ["add", "VirtualDisk"],
        ["edit", "VirtualVmxnet3"],
        ["add", "VirtualTPM"],
      ],
    });
  });

  test("implied reservations follow the host that it is on", () => {
    const { change } = correct(
      { latencySensitivity: LatencySensitivity.HIGH },
      {},
      { host: host(1, { coreMhz: 3000 }) },
    );
    expect(change).toMatchObject({
      cpuAllocation: { reservation: 6000 },
      memoryAllocation: { reservation: 4096 },
    });
  });
});

describe("a setting that vCenter does not keep", () => {
  test("is set twice, and then it is an error that names it", () => {
    const first = correct(nested);
    const second = correct(nested, after(first.change));
    const third = correct(nested, after(second.change));
    const note = ({ change }: typeof first) => change?.extraConfig?.map(({ value }) => value);
    expect([note(first), note(second), third]).toEqual([
      ["1 nestedHVEnabled"],
      ["2 nestedHVEnabled"],
      {
        change: undefined,
        violations: [
          {
            field: "spec",
            reason: "CONFIGURATION_NOT_KEPT",
            description:
              "vCenter took nestedHVEnabled 2 times and did not keep it; leave the knob out, or find who changes it back and remove the extraConfig key virtrigaud.corrections",
          },
        ],
      },
    ]);
  });

  test("does not count for another", () => {
    const first = correct(nested);
    const { change } = correct({ cpuHotAdd: true }, after(first.change));
    expect(change?.extraConfig).toEqual([{ key: "virtrigaud.corrections", value: "1 cpuHotAddEnabled" }]);
  });
});

describe("what cannot be corrected", () => {
  const gone = { networks: [], datastores: [] };
  test.each<[string, Part<VMSpec>, Partial<VirtualMachineConfigInfo>, Partial<ExistingInput>, string[]]>([
    [
      "is no error while the devices are there: a port group was renamed, a datastore is away",
      { disks: [root], networkInterfaces: [eth0] },
      {},
      { inventory: inventory(gone) },
      [],
    ],
    [
      "is one for a card that is missing",
      { networkInterfaces: [eth0] },
      { hardware: { numCPU: 2, memoryMB: 4096, device: devices.slice(0, 2) } },
      { inventory: inventory(gone) },
      ["spec.network_interfaces[eth0] NETWORK_UNKNOWN"],
    ],
    [
      "is one for a disk that is missing",
      { disks: [root, { name: "data", sizeBytes: gib }] },
      {},
      { inventory: inventory(gone) },
      ["spec.placement.datastore PLACEMENT_UNKNOWN"],
    ],
    [
      "is one for a TPM without a key provider",
      { tpm: {} },
      { firmware: "efi" },
      { inventory: inventory({ hasKeyProvider: false }) },
      ["spec.tpm KEY_PROVIDER_MISSING"],
    ],
    [
      "is one for a missing device while the host is not known",
      { disks: [root, { name: "data", sizeBytes: gib }] },
      {},
      { host: undefined },
      ["spec.disks[data] HOST_UNKNOWN"],
    ],
    ["and nothing is shrunk", { disks: [{ ...root, sizeBytes: gib }] }, {}, {}, []],
  ])("%s", (_, asked, held, more, expected) => {
    const { change, violations } = correct(asked, held, more);
    expect(violations.map(({ field, reason }) => `${field} ${reason}`)).toEqual(expected);
    expect(change).toBeUndefined();
  });
});
