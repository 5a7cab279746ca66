import { expect, test } from "@jest/globals";
import { Feature } from "@virtrigaud/proto";
import { devices, spec, stored } from "../testing/sample-vm.ts";
import type { VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../vim/types.ts";
import { driftLines } from "./drift-lines.ts";
import { asStored, knobValue } from "./knobs.ts";

test.each<[Feature, Partial<VirtualMachineConfigInfo>, string | undefined]>([
  [Feature.CPU, {}, "2"],
  [Feature.MEMORY, {}, "4096 MB"],
  [Feature.FIRMWARE_UEFI, { firmware: "efi" }, "efi"],
  [Feature.FIRMWARE_BIOS, {}, "bios"],
  [Feature.NESTED_VIRTUALIZATION, { nestedHVEnabled: true }, "true"],
  [Feature.NESTED_VIRTUALIZATION, { nestedHVEnabled: undefined as never }, undefined],
  [Feature.VIRTUALIZATION_BASED_SECURITY, {}, "false"],
  [Feature.LATENCY_SENSITIVITY, {}, "normal"],
  [Feature.HYPER_THREADING_POLICY, {}, "any"],
  [Feature.SECURE_BOOT, {}, "false"],
  [Feature.TPM, {}, undefined],
  [Feature.CPU_RESERVATION, {}, "0 MHz"],
  [Feature.CPU_LIMIT, {}, undefined],
  [Feature.CPU_LIMIT, { cpuAllocation: { limit: 5000 } }, "5000 MHz"],
  [Feature.CPU_SHARES, {}, "2000"],
  [Feature.MEMORY_LIMIT, { memoryAllocation: { limit: 1024 } }, "1024 MB"],
  [Feature.TAGS, {}, undefined],
  [Feature.CLOUD_INIT, {}, undefined],
  [Feature.CLOUD_INIT, { extraConfig: [{ key: "guestinfo.userdata", value: "secret" }] }, "present"],
  [Feature.CONSOLE, {}, undefined],
])("%s of %j reads %s", (feature, held, value) => {
  expect(knobValue(feature, stored(held))).toBe(value);
});

test("a plan reads as it would be stored: devices edited, removed and added", () => {
  const planned: VirtualMachineConfigSpec = {
    numCPUs: 4,
    flags: { vvtdEnabled: true },
    deviceChange: [
      { operation: "edit", device: { $type: "VirtualDisk", key: 2000, capacityInKB: 1 } },
      { operation: "remove", device: { $type: "VirtualVmxnet3", key: 4000 } },
      { operation: "add", device: { $type: "VirtualTPM", key: -400 } },
    ],
  };
  expect(asStored(planned, devices)).toEqual({
    flags: { vvtdEnabled: true },
    hardware: {
      numCPU: 4,
      device: [
        devices[0],
        { $type: "VirtualDisk", key: 2000, capacityInKB: 1 },
        { $type: "VirtualTPM", key: -400 },
      ],
    },
  });
});

test("drift has a line for each knob that is asked for and differs", () => {
  const asked = spec({ cpus: 4, virtualizationBasedSecurity: true, cpuHotAdd: false, tpm: {} });
  const planned: VirtualMachineConfigSpec = {
    numCPUs: 4,
    memoryMB: 4096,
    cpuHotAddEnabled: false,
    firmware: "efi",
    nestedHVEnabled: true,
    bootOptions: { efiSecureBootEnabled: true },
    flags: { vbsEnabled: true, vvtdEnabled: true },
    deviceChange: [{ operation: "add", device: { $type: "VirtualTPM", key: -400 } }],
  };
  expect(driftLines(asked, planned, stored({ flags: { vbsEnabled: true } }))).toEqual([
    "cpu: 2 → 4",
    "firmware: UEFI: bios → efi",
    "performanceProfile.nestedVirtualization: true: false → true",
    "securityProfile.secureBoot: true: false → true",
    'securityProfile.tpmEnabled: true, tpmVersion: "2.0": unset → present',
    "securityProfile.vtdEnabled: true: unset → true",
  ]);
});
