import {
  DiskProvisioning,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  VMSpec,
} from "@virtrigaud/proto";
import type { Inventory, Node, Template } from "../inventory.ts";
import type { Marker } from "../ownership.ts";
import { type Planned, type PlanInput, planVm } from "../plan.ts";
import type { Settings } from "../settings.ts";
import { intel } from "./sample-nodes.ts";

const gib = 1024 ** 3;

export const uid = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";
export const marker: Marker = {
  uid,
  specFingerprint: "f".repeat(64),
  controllerId: "lab",
  canonicalSpec: "{}",
  vmid: 100,
};

/** What a test says of a message; the rest is unset. */
export type Part<T> = T extends (infer Item)[]
  ? Part<Item>[]
  : T extends object
    ? { [K in keyof T]?: Part<T[K]> }
    : T;

/** A spec with a name, 2 CPUs and 4 GiB. */
export const spec = (init: Part<VMSpec> = {}): VMSpec =>
  VMSpec.fromPartial({ name: "vm-1", cpus: 2, memoryBytes: 4 * gib, ...init });

export const settings: Settings = {
  storage: "local-lvm",
  storageClasses: {},
  accel: "kvm",
  vmids: { first: 100, last: 999_999_999 },
};

export const inventory = (...nodes: readonly Node[]): Inventory => ({
  nodes: nodes.length === 0 ? [intel()] : nodes,
  templates: [{ vmid: 9000, name: "ubuntu-22-04", node: "pve1" }],
  permissions: undefined,
});

/** What decides a plan on the Intel node. */
export const planInput = (asked: Part<VMSpec> = {}, more: Partial<PlanInput> = {}): PlanInput => ({
  marker,
  spec: spec(asked),
  inventory: inventory(),
  settings,
  template: undefined,
  ...more,
});

export const plan = (asked: Part<VMSpec> = {}, more: Partial<PlanInput> = {}): Planned =>
  planVm(planInput(asked, more));

/** A cloud image's template, with Proxmox VE's own cloud-init drive. */
export const ubuntu: Template = {
  vmid: 9000,
  name: "ubuntu-22-04",
  node: "pve1",
  config: {
    agent: 1,
    boot: "order=scsi0",
    cores: 1,
    description: "made by hand",
    ide0: "local-lvm:vm-9000-cloudinit,media=cdrom,size=4M",
    memory: 2048,
    meta: "creation-qemu=10.0.13,ctime=1795167572",
    net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0",
    scsi0: "local-lvm:base-9000-disk-0,discard=on,iothread=1,size=10G",
    scsihw: "virtio-scsi-single",
    serial0: "socket",
    smbios1: "uuid=11111111-2222-4333-8444-555555555555",
    template: 1,
  },
};

/** The image of {@link ubuntu}. */
export const image: Part<VMSpec>["image"] = {
  name: "ubuntu-server-22-04",
  proxmox: { templateName: "ubuntu-22-04" },
};

/** The seed documents' complete example: class hypervisor-class, a VM of it with its image on this hypervisor. */
export const completeExample = (more: Part<VMSpec> = {}): Part<VMSpec> => ({
  name: "nested-hypervisor",
  cpus: 8,
  memoryBytes: 16 * gib,
  firmware: Firmware.UEFI,
  nestedVirtualization: { policy: NestedPolicy.REQUIRED },
  virtualizationBasedSecurity: false,
  cpuHotAdd: true,
  memoryHotAdd: true,
  latencySensitivity: LatencySensitivity.LOW,
  hyperThreadingPolicy: HyperThreadingPolicy.PREFER,
  secureBoot: false,
  iommu: true,
  cpuAllocation: { reservationMhz: 4000 },
  memoryAllocation: { reservationBytes: 8 * gib },
  disks: [
    { name: "root", sizeBytes: 200 * gib, provisioning: DiskProvisioning.THIN, storageClass: "fast-ssd" },
  ],
  image,
  cloudInit: { userData: "#cloud-config\nhostname: nested-hypervisor\n", metaData: {} },
  ...more,
});

/** The seed documents' first class, with VBS although secure boot is false. */
export const firstClass = (more: Part<VMSpec> = {}): Part<VMSpec> => ({
  name: "nested-vm",
  cpus: 4,
  memoryBytes: 8 * gib,
  firmware: Firmware.UEFI,
  nestedVirtualization: { policy: NestedPolicy.REQUIRED },
  virtualizationBasedSecurity: true,
  cpuHotAdd: true,
  memoryHotAdd: true,
  secureBoot: false,
  iommu: true,
  disks: [{ name: "root", sizeBytes: 100 * gib, provisioning: DiskProvisioning.THIN }],
  ...more,
});
