import { Feature, Firmware } from "@virtrigaud/proto";
import { applied, type OutcomeRow } from "../row.ts";

/** CPUs, memory, firmware and what the guest can be changed to while it runs. */
export const computeRows: readonly OutcomeRow[] = [
  {
    id: "cpu",
    feature: Feature.CPU,
    field: "spec.cpus",
    manifest: "cpu",
    asks: (spec) => spec.cpus > 0,
    cells: {
      vsphere: applied("config.hardware.numCPU"),
      libvirt: applied("domain/vcpu"),
      proxmox: applied("cores"),
    },
  },
  {
    id: "memory",
    feature: Feature.MEMORY,
    field: "spec.memory_bytes",
    manifest: "memory",
    asks: (spec) => spec.memoryBytes > 0,
    cells: {
      vsphere: applied("config.hardware.memoryMB"),
      libvirt: applied("domain/memory"),
      proxmox: applied("memory"),
    },
  },
  {
    id: "firmware-bios",
    feature: Feature.FIRMWARE_BIOS,
    field: "spec.firmware",
    manifest: "firmware: BIOS",
    asks: (spec) => spec.firmware === Firmware.BIOS,
    cells: {
      vsphere: applied("config.firmware=bios"),
      libvirt: applied("domain/os without firmware"),
      proxmox: applied("bios=seabios"),
    },
  },
  {
    id: "firmware-uefi",
    feature: Feature.FIRMWARE_UEFI,
    field: "spec.firmware",
    manifest: "firmware: UEFI",
    asks: (spec) => spec.firmware === Firmware.UEFI,
    cells: {
      vsphere: applied("config.firmware=efi"),
      libvirt: applied("domain/os/@firmware=efi"),
      proxmox: applied("bios=ovmf, efidisk0"),
    },
  },
  {
    id: "cpu-hot-add",
    feature: Feature.CPU_HOT_ADD,
    field: "spec.cpu_hot_add",
    manifest: "performanceProfile.cpuHotAddEnabled: true",
    asks: (spec) => spec.cpuHotAdd === true,
    cells: {
      vsphere: applied("config.cpuHotAddEnabled"),
      libvirt: applied("domain/vcpu/@current"),
      proxmox: applied("vcpus, hotplug=cpu"),
    },
  },
  {
    id: "cpu-hot-add-off",
    feature: Feature.CPU_HOT_ADD,
    field: "spec.cpu_hot_add",
    manifest: "performanceProfile.cpuHotAddEnabled: false",
    asks: (spec) => spec.cpuHotAdd === false,
    cells: {
      vsphere: applied("config.cpuHotAddEnabled"),
      libvirt: applied("domain/vcpu without @current"),
      proxmox: applied("hotplug without cpu"),
    },
  },
  {
    id: "memory-hot-add",
    feature: Feature.MEMORY_HOT_ADD,
    field: "spec.memory_hot_add",
    manifest: "performanceProfile.memoryHotAddEnabled: true",
    asks: (spec) => spec.memoryHotAdd === true,
    cells: {
      vsphere: applied("config.memoryHotAddEnabled"),
      libvirt: applied("domain/maxMemory, domain/cpu/numa"),
      proxmox: applied("numa=1, hotplug=memory"),
    },
  },
  {
    id: "memory-hot-add-off",
    feature: Feature.MEMORY_HOT_ADD,
    field: "spec.memory_hot_add",
    manifest: "performanceProfile.memoryHotAddEnabled: false",
    asks: (spec) => spec.memoryHotAdd === false,
    cells: {
      vsphere: applied("config.memoryHotAddEnabled"),
      libvirt: applied("domain without maxMemory"),
      proxmox: applied("hotplug without memory"),
    },
  },
];
