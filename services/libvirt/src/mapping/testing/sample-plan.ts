import {
  DiskProvisioning,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  VMSpec,
} from "@virtrigaud/proto";
import type { Marker } from "../metadata.ts";
import { type Planned, type PlanInput, planVm } from "../plan.ts";
import { intel } from "./sample-hosts.ts";

const gib = 1024 ** 3;

export const uid = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";
export const marker: Marker = {
  uid,
  specFingerprint: "f".repeat(64),
  controllerId: "lab",
  canonicalSpec: "{}",
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

/** A plan on the Intel host with pools "default" and "fast-ssd" and networks "default", "ovs", "vfs" and the inactive "old". */
export const plan = (asked: Part<VMSpec> = {}, more: Partial<PlanInput> = {}): Planned =>
  planVm({
    marker,
    spec: spec(asked),
    host: intel(),
    pools: [
      {
        name: "default",
        type: "dir",
        path: "/var/lib/libvirt/images",
        active: true,
        availableBytes: 500 * gib,
      },
      { name: "fast-ssd", type: "dir", path: "/srv/ssd", active: true, availableBytes: 100 * gib },
      { name: "vg0", type: "logical", path: "/dev/vg0", active: true },
    ],
    networks: [
      { name: "default", active: true, mode: "nat", bridge: "virbr0", openVswitch: false },
      { name: "ovs", active: true, mode: "bridge", bridge: "ovsbr0", openVswitch: true },
      { name: "vfs", active: true, mode: "hostdev", bridge: "", openVswitch: false },
      { name: "old", active: false, mode: "nat", bridge: "virbr9", openVswitch: false },
    ],
    settings: { storageClasses: {}, cpuMode: "host-model" },
    image: undefined,
    ...more,
  });

/** The image of the seed documents, prepared. */
export const ubuntu = {
  path: "/var/lib/libvirt/images/de5e632e.qcow2",
  format: "qcow2",
  sizeBytes: 2.25 * gib,
};

/** The seed documents' complete example: class hypervisor-class, its image and VM nested-hypervisor. */
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
  image: {
    name: "ubuntu-server-22-04",
    libvirt: { url: { url: "https://images.example/ubuntu.img", checksum: "de5e632e" } },
  },
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
