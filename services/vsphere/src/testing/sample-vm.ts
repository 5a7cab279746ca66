import { VMSpec } from "@virtrigaud/proto";
import type { Marker } from "../mapping/ownership.ts";
import type { Template } from "../mapping/template.ts";
import type { VirtualDevice, VirtualMachineConfigInfo } from "../vim/types.ts";

const gib = 1024 ** 3;

export const uid = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";
export const marker: Marker = {
  uid,
  specFingerprint: "f".repeat(64),
  controllerId: "lab",
  canonicalSpec: "{}",
};

/** What every VM is stamped with that was planned with {@link marker}. */
export const stamp = [
  { key: "virtrigaud.uid", value: uid },
  { key: "virtrigaud.fingerprint", value: "f".repeat(64) },
  { key: "virtrigaud.controller", value: "lab" },
  { key: "virtrigaud.spec", value: "{}" },
];

/** What a test says of a message; the rest is unset. */
export type Part<T> = T extends (infer Item)[]
  ? Part<Item>[]
  : T extends object
    ? { [K in keyof T]?: Part<T[K]> }
    : T;

/** A spec with a name, 2 CPUs and 4 GiB. */
export const spec = (init: Part<VMSpec> = {}): VMSpec =>
  VMSpec.fromPartial({ name: "vm-1", cpus: 2, memoryBytes: 4 * gib, ...init });

/** A template's devices: a 20 GiB root disk on PVSCSI and a vmxnet3 card on "VM Network", with labels as vCenter writes them. */
export const devices: VirtualDevice[] = [
  { $type: "ParaVirtualSCSIController", key: 1000, busNumber: 0, sharedBus: "noSharing", device: [2000] },
  {
    $type: "VirtualDisk",
    key: 2000,
    deviceInfo: { label: "Hard disk 1", summary: "20,971,520 KB" },
    controllerKey: 1000,
    unitNumber: 0,
    backing: {
      $type: "VirtualDiskFlatVer2BackingInfo",
      fileName: "[bulk] ubuntu/ubuntu.vmdk",
      datastore: { type: "Datastore", value: "datastore-2" },
      diskMode: "persistent",
      thinProvisioned: true,
    },
    capacityInKB: 20 * 1024 ** 2,
    capacityInBytes: 20 * gib,
  },
  {
    $type: "VirtualVmxnet3",
    key: 4000,
    deviceInfo: { label: "Network adapter 1", summary: "VM Network" },
    controllerKey: 100,
    unitNumber: 7,
    backing: { $type: "VirtualEthernetCardNetworkBackingInfo", deviceName: "VM Network" },
    connectable: { startConnected: true, allowGuestControl: true, connected: false },
    addressType: "assigned",
    macAddress: "00:50:56:aa:bb:cc",
  },
];

/** A stored configuration with vCenter's defaults. */
export const stored = (init: Partial<VirtualMachineConfigInfo> = {}): VirtualMachineConfigInfo => ({
  changeVersion: "2024-01-01T00:00:00Z",
  modified: "2024-01-01T00:00:00Z",
  name: "vm-1",
  guestFullName: "Ubuntu Linux (64-bit)",
  version: "vmx-19",
  uuid: "420c0000-0000-0000-0000-000000000001",
  instanceUuid: uid,
  template: false,
  guestId: "ubuntu64Guest",
  files: { vmPathName: "[bulk] vm-1/vm-1.vmx" },
  flags: { htSharing: "any", vvtdEnabled: false, vbsEnabled: false },
  hardware: { numCPU: 2, memoryMB: 4096, device: [...devices] },
  cpuAllocation: { reservation: 0, limit: -1, shares: { shares: 2000, level: "normal" } },
  memoryAllocation: { reservation: 0, limit: -1, shares: { shares: 40960, level: "normal" } },
  latencySensitivity: { level: "normal" },
  cpuHotAddEnabled: false,
  memoryHotAddEnabled: false,
  bootOptions: { efiSecureBootEnabled: false },
  firmware: "bios",
  nestedHVEnabled: false,
  extraConfig: [...stamp],
  ...init,
});

/** Template "ubuntu" in the datacenter's VM folder. */
export const template = (config: Partial<VirtualMachineConfigInfo> = {}): Template => ({
  ref: { type: "VirtualMachine", value: "vm-9" },
  name: "ubuntu",
  folder: "group-v1",
  config: stored({ name: "ubuntu", template: true, extraConfig: [], ...config }),
});
