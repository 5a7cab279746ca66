import type { DomainCapabilities } from "./domain-capabilities.ts";
import type { HostCapabilities } from "./host-capabilities.ts";

/** How guests' instructions run: by the processor or, slowly, by emulation. */
export type Accel = "kvm" | "tcg";

/** What a host is asked before a VM is planned there, and what its VMs were promised. Capacities are of the whole host. */
export interface HostFacts extends ProbedFacts {
  /** What other VMs of ours were promised. */
  reserved: Reserved;
  /** Host CPUs that other VMs of ours have to themselves. */
  pinnedCpus: ReadonlySet<number>;
}

/** What probing a host tells. */
export interface ProbedFacts {
  name: string;
  accel: Accel;
  /** major * 1,000,000 + minor * 1,000 + release. */
  libvirtVersion: number;
  /** Of QEMU, in the same form; undefined where there is none. */
  hypervisorVersion: number | undefined;
  /** False for qemu:///session, which has no cgroups to tune and no memory to lock. */
  privileged: boolean;
  domain: DomainCapabilities;
  host: HostCapabilities;
  /** All features of the CPU that host-model stands for; undefined when it could not be expanded (libvirt before 4.4). */
  cpuFeatures: ReadonlySet<string> | undefined;
  node: NodeFacts;
  readings: Readings;
  /** Why the accelerator was chosen, and what could not be asked and so is unknown; a line each. */
  notes: readonly string[];
}

export interface NodeFacts {
  cpus: number;
  /** Speed of a core; 0 when it is not known. */
  coreMhz: number;
  threadsPerCore: number;
  memoryBytes: number;
  memoryFreeBytes?: number;
}

export interface Reserved {
  cpuMhz: number;
  memoryBytes: number;
}

/** What only the host's own files tell; each undefined when it could not be read. */
export interface Readings {
  /** /sys/module/kvm_intel/parameters/nested as it reads: "Y", "N", "1", "0". */
  kvmIntelNested?: string;
  /** /sys/module/kvm_amd/parameters/nested, likewise. */
  kvmAmdNested?: string;
  /** Flags of /proc/cpuinfo. */
  cpuFlags?: ReadonlySet<string>;
  /** Whether the kernel has /dev/kvm: its module is loaded. */
  devKvm?: boolean;
  /** Version of the control groups: decides what a CPU weight means. */
  cgroups?: 1 | 2;
  /** Whether a guest was seen to boot under KVM (canary). */
  kvmBoots?: boolean;
}

/** x86_64 guests' domain type. */
export const domainType = ({ accel }: Pick<HostFacts, "accel">): "kvm" | "qemu" =>
  accel === "kvm" ? "kvm" : "qemu";
