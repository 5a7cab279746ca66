import { Feature } from "@virtrigaud/proto";
import { applied, type OutcomeRow, substituted } from "../row.ts";

/** Guarantees, bounds and weights. */
export const resourcesRows: readonly OutcomeRow[] = [
  {
    id: "cpu-reservation",
    feature: Feature.CPU_RESERVATION,
    field: "spec.cpu_allocation.reservation_mhz",
    manifest: "resourceLimits.cpuReservation: 4000",
    asks: (spec) => spec.cpuAllocation?.reservationMhz !== undefined,
    cells: {
      vsphere: applied("config.cpuAllocation.reservation"),
      libvirt: substituted(
        "admission against the host's MHz, domain/cputune/shares",
        "KVM cannot reserve MHz; the provider admits no more than the host has and raises the CPU weight",
      ),
      proxmox: substituted(
        "admission against the node's MHz, cpuunits",
        "Proxmox VE cannot reserve MHz; the provider admits no more than the node has and raises the CPU weight",
      ),
    },
  },
  {
    id: "memory-reservation",
    feature: Feature.MEMORY_RESERVATION,
    field: "spec.memory_allocation.reservation_bytes",
    manifest: "resourceLimits.memoryReservation: 8Gi",
    asks: (spec) => spec.memoryAllocation?.reservationBytes !== undefined,
    cells: {
      vsphere: applied("config.memoryAllocation.reservation"),
      libvirt: substituted(
        "admission against the host's memory",
        "KVM cannot reserve memory by size; the provider admits no more than the host has and never balloons below",
      ),
      proxmox: applied("balloon, admission against the node's memory"),
    },
  },
  {
    id: "cpu-limit",
    feature: Feature.CPU_LIMIT,
    field: "spec.cpu_allocation.limit_mhz",
    manifest: "resourceLimits.cpuLimit",
    asks: (spec) => spec.cpuAllocation?.limitMhz !== undefined,
    cells: {
      vsphere: applied("config.cpuAllocation.limit"),
      libvirt: applied("domain/cputune/quota, period"),
      proxmox: applied("cpulimit"),
    },
  },
  {
    id: "memory-limit",
    feature: Feature.MEMORY_LIMIT,
    field: "spec.memory_allocation.limit_bytes",
    manifest: "resourceLimits.memoryLimit",
    asks: (spec) => spec.memoryAllocation?.limitBytes !== undefined,
    cells: {
      vsphere: applied("config.memoryAllocation.limit"),
      libvirt: applied("domain/memtune/hard_limit"),
      proxmox: substituted(
        "memory",
        "Proxmox VE has no memory limit but the VM's own size, which is within it; a limit below that size is refused",
      ),
    },
  },
  {
    id: "cpu-shares",
    feature: Feature.CPU_SHARES,
    field: "spec.cpu_allocation.shares",
    manifest: "resourceLimits.cpuShares",
    asks: (spec) => spec.cpuAllocation?.shares !== undefined,
    cells: {
      vsphere: applied("config.cpuAllocation.shares"),
      libvirt: applied("domain/cputune/shares"),
      proxmox: applied("cpuunits"),
    },
  },
];
