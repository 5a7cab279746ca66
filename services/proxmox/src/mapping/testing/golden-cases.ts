import {
  DiskController,
  DiskProvisioning,
  Firmware,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
} from "@virtrigaud/proto";
import type { Node } from "../inventory.ts";
import type { PlanInput } from "../plan.ts";
import { amd, intel, older } from "./sample-nodes.ts";
import { completeExample, firstClass, image, inventory, planInput, settings, ubuntu } from "./sample-plan.ts";

const gib = 2 ** 30;
const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

/** The versions that plans are kept for, and what makes a node of each. */
export const versions: Readonly<Record<"6.4" | "7.4" | "8.4" | "9.2", (node: Node) => Node>> = {
  "6.4": (node) => older("6.4-15", node),
  "7.4": (node) => older("7.4-16", node),
  "8.4": (node) => older("8.4.5", node),
  "9.2": (node) => node,
};

type OnVersion = (of: (node: Node) => Node) => PlanInput;

/** Plans whose every parameter is kept in ../testdata, one file for each version. */
export const goldenCases: Readonly<Record<string, OnVersion>> = {
  minimal: (of) => planInput({}, { inventory: inventory(of(intel())) }),
  "nested-intel": (of) => planInput(nested, { inventory: inventory(of(intel())) }),
  "nested-amd": (of) => planInput(nested, { inventory: inventory(of(amd())) }),
  "nested-emulated": (of) =>
    planInput(nested, { inventory: inventory(of(intel())), settings: { ...settings, accel: "tcg" } }),
  "no-nesting": (of) =>
    planInput(
      { nestedVirtualization: { policy: NestedPolicy.DISABLED } },
      { inventory: inventory(of(intel())) },
    ),
  vbs: (of) => planInput(firstClass(), { inventory: inventory(of(intel())) }),
  "hot-add": (of) =>
    planInput({ cpuHotAdd: true, memoryHotAdd: true }, { inventory: inventory(of(intel())) }),
  "seed-class": (of) => planInput(completeExample(), { inventory: inventory(of(intel())), template: ubuntu }),
  "seed-class-without-iommu": (of) =>
    planInput(completeExample({ iommu: false }), { inventory: inventory(of(intel())), template: ubuntu }),
  "linked-clone": (of) =>
    planInput(
      { image: { ...image, proxmox: { templateId: 9000, fullClone: false } }, cpuHotAdd: false },
      { inventory: inventory(of(intel())), template: ubuntu },
    ),
  secure: (of) =>
    planInput(
      { firmware: Firmware.UEFI, secureBoot: true, tpm: { version: TpmVersion.TPM_VERSION_2_0 } },
      { inventory: inventory(of(intel())) },
    ),
  "secure-on-files": (of) =>
    planInput(
      {
        firmware: Firmware.UEFI,
        secureBoot: true,
        tpm: {},
        placement: { datastore: "nfs" },
        disks: [{ name: "root", sizeBytes: gib }],
      },
      { inventory: inventory(of(intel())) },
    ),
  bounds: (of) =>
    planInput(
      {
        latencySensitivity: LatencySensitivity.LOW,
        cpuAllocation: { limitMhz: 1200, reservationMhz: 500 },
        memoryAllocation: { reservationBytes: 4 * gib, limitBytes: 4 * gib },
        tags: ["Prod", "team-b"],
        extraConfig: { onboot: "1", serial0: "socket" },
        placement: { host: "pve1", datastore: "nfs", resourcePool: "lab" },
      },
      { inventory: inventory(of(intel())) },
    ),
  devices: (of) =>
    planInput(
      {
        disks: [
          { name: "root", sizeBytes: 20 * gib },
          { name: "data", sizeBytes: 10 * gib, storageClass: "thick", iopsLimit: 500 },
          { name: "logs", sizeBytes: 1.5 * gib, controller: DiskController.VIRTIO_BLK, storageClass: "nfs" },
          { name: "cache of it", sizeBytes: gib, controller: DiskController.SATA },
          {
            name: "fast",
            sizeBytes: gib,
            controller: DiskController.NVME,
            provisioning: DiskProvisioning.THICK,
          },
        ],
        networkInterfaces: [
          {
            name: "front",
            mtuBytes: 9000,
            staticAddress: { cidr: "192.0.2.10/24", gateway: "192.0.2.1", dnsServers: ["192.0.2.53"] },
          },
          {
            name: "back",
            proxmox: { bridge: "vmbr1", firewall: true },
            macAddress: "52:54:00:ab:cd:01",
            model: "e1000",
          },
          {
            name: "trunk",
            proxmox: { bridge: "lab" },
            vlanId: 42,
            staticAddress: { cidr: "2001:db8::10/64", gateway: "fe80::1" },
          },
        ],
      },
      { inventory: inventory(of(intel())) },
    ),
};
