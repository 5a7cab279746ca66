import { type Disk, DiskController } from "@virtrigaud/proto";
import type { DomainCapabilities } from "./domain-capabilities.ts";

/** How a disk is attached: libvirt's bus and, for SCSI, the model of the controller. */
export interface DiskBus {
  bus: "virtio" | "scsi" | "sata" | "nvme";
  scsiModel?: "virtio-scsi" | "lsisas1068" | "lsilogic";
  /** Why it is not quite what was asked. */
  substitute?: string;
}

/** The attachment of a disk; undefined when there is nothing near what was asked. */
export function diskBus({ controller }: Disk, { diskBuses }: DomainCapabilities): DiskBus | undefined {
  switch (controller) {
    case DiskController.PARAVIRTUAL_SCSI:
      return { bus: "scsi", scsiModel: "virtio-scsi" };
    case DiskController.LSI_LOGIC_SAS:
      return { bus: "scsi", scsiModel: "lsisas1068" };
    case DiskController.LSI_LOGIC:
      return {
        bus: "scsi",
        scsiModel: "lsilogic",
        substitute: "QEMU emulates an LSI 53C895A, not the 53C1030 of other hypervisors",
      };
    case DiskController.SATA:
      return { bus: "sata" };
    case DiskController.NVME:
      if (diskBuses?.includes("nvme")) return { bus: "nvme" };
      return {
        bus: "virtio",
        substitute: "this libvirt has no NVMe disks (since 11.5); virtio-blk is as fast",
      };
    case DiskController.BUS_LOGIC:
      return undefined;
    default:
      return { bus: "virtio" };
  }
}

/** Target device of the n-th disk of a bus, counted from 0. "sda" is the seed's, so that disks keep theirs with and without one. */
export function targetName({ bus }: DiskBus, index: number): string {
  if (bus === "nvme") return `nvme${index}n1`;
  const [prefix, at] = bus === "virtio" ? ["vd", index] : ["sd", index + 1];
  return `${prefix}${String.fromCharCode("a".charCodeAt(0) + at)}`;
}
