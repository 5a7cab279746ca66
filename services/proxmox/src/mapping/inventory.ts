import type { CpuVendor } from "@virtrigaud/proto";
import type { VmConfig } from "./vm-config.ts";

/** What a cluster, or a node that stands alone, has apart from VMs, as far as placing and describing VMs needs it. */
export interface Inventory {
  nodes: readonly Node[];
  templates: readonly TemplateEntry[];
  /** What the provider's token may do, by path; undefined when it was not asked. */
  permissions: Permissions | undefined;
}

/** Privileges by the path that they hold for. */
export type Permissions = ReadonlyMap<string, ReadonlySet<string>>;

/** A node. What it did not tell is undefined: it is off, or the token lacks Sys.Audit. */
export interface Node {
  name: string;
  online: boolean;
  /** "9.2.11"; "" when it is not known. */
  version: string;
  cpuVendor: CpuVendor;
  /** "" when it is not known. */
  cpuModel: string;
  /** Flags of /proc/cpuinfo. */
  cpuFlags: ReadonlySet<string> | undefined;
  /** Hardware threads. */
  threads: number | undefined;
  /** Speed of one. */
  coreMhz: number | undefined;
  memoryBytes: number | undefined;
  memoryFreeBytes: number | undefined;
  /** Version of the control groups: decides what a CPU weight means. */
  cgroups: 1 | 2;
  /** Whether KVM there lets guests nest, by `capabilities/qemu/cpu-flags`; undefined before 9.2, which does not tell. */
  nestedVirt: boolean | undefined;
  /** Newest QEMU by its machine types, "10.0"; "" when it is not known. */
  qemu: string;
  /** Bridges and SDN vnets that the token may use there. */
  bridges: readonly string[];
  storages: readonly Storage[];
  /** What VMs of ours there were promised. */
  reserved: Reserved;
}

export interface Reserved {
  cpuMhz: number;
  memoryBytes: number;
}

/** A storage as one node sees it. */
export interface Storage {
  name: string;
  /** Proxmox VE's type: "dir", "lvmthin", "zfspool", "rbd" … */
  type: string;
  /** What it takes: "images", "iso", "import", "snippets" … */
  content: ReadonlySet<string>;
  /** Whether other nodes see the same volumes. */
  shared: boolean;
  /** Enabled, and mounted or reachable now. */
  active: boolean;
  availableBytes: number | undefined;
}

/** A template as listings show it. */
export interface TemplateEntry {
  vmid: number;
  name: string;
  node: string;
}

/** A template that VMs are made from. */
export interface Template extends TemplateEntry {
  config: VmConfig;
}
