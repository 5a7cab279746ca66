import { type Disk, DiskController } from "@virtrigaud/proto";
import { decodeBoot } from "./language/boot.ts";
import { decodeDrive } from "./language/drive.ts";
import type { Problems } from "./problems.ts";
import { numbered, optionOf, type VmConfig } from "./vm-config.ts";

/** What a disk is plugged into. */
export type Bus = "scsi" | "virtio" | "sata" | "ide";
/** Proxmox VE's SCSI controllers; a VM has one kind. */
type ScsiController = "virtio-scsi-single" | "lsi" | "megasas";

interface Attachment {
  bus: Bus;
  scsihw?: ScsiController;
  /** Why it is not quite what was asked. */
  substitute?: string;
}

/** Devices of each bus; the last IDE ones are left to CDs. */
const most: Readonly<Record<Bus, number>> = { scsi: 31, virtio: 16, sata: 6, ide: 2 };

/** The attachment for a controller; undefined when there is nothing near what was asked. */
export function attachmentFor(controller: DiskController): Attachment | undefined {
  switch (controller) {
    case DiskController.VIRTIO_BLK:
      return { bus: "virtio" };
    case DiskController.SATA:
      return { bus: "sata" };
    case DiskController.NVME:
      return { bus: "virtio", substitute: "Proxmox VE has no NVMe disks; virtio-blk is as fast" };
    case DiskController.LSI_LOGIC:
      return {
        bus: "scsi",
        scsihw: "lsi",
        substitute: "QEMU emulates an LSI 53C895A, not the 53C1030 of other hypervisors",
      };
    case DiskController.LSI_LOGIC_SAS:
      return {
        bus: "scsi",
        scsihw: "megasas",
        substitute: "Proxmox VE has an LSI MegaRAID SAS 8708EM2, not the SAS1068 of other hypervisors",
      };
    case DiskController.BUS_LOGIC:
      return undefined;
    default:
      return { bus: "scsi", scsihw: "virtio-scsi-single" };
  }
}

/** The slots of a VM's disks by the disks' names, and its SCSI controller where it has one. */
export interface DiskSlots {
  slots: ReadonlyMap<string, string>;
  scsihw: string | undefined;
}

/**
 * Gives every disk its slot, in order; the root disk of an image keeps the template's.
 * @param existing the template's options; none for a blank VM.
 */
export function diskSlots(disks: readonly Disk[], existing: VmConfig, problems: Problems): DiskSlots {
  const rootSlot = rootSlotOf(existing);
  const slots = new Map<string, string>();
  const taken = new Set(Object.keys(existing));
  let scsihw = controllerOf(existing);
  for (const [index, disk] of disks.entries()) {
    const isRoot = index === 0 && rootSlot !== undefined;
    const wanted = attachmentFor(disk.controller);
    if (wanted === undefined) {
      refuse(
        disk,
        "Proxmox VE has no BusLogic controller; use paravirtual-scsi, virtio-blk, sata or lsi-logic",
        problems,
      );
      continue;
    }
    const bus = isRoot ? rootBus(disk, rootSlot, wanted, problems) : busBeside(disk, wanted, scsihw);
    if (bus === "scsi") scsihw = sameController(disk, wanted, scsihw, problems);
    const slot = isRoot ? rootSlot : freeSlot(bus, taken);
    if (slot === undefined) refuse(disk, `Proxmox VE has ${most[bus]} ${bus} disks at the most`, problems);
    else taken.add(slot);
    if (slot !== undefined) slots.set(disk.name, slot);
  }
  return { slots, scsihw };
}

const isAsked = ({ controller }: Disk): boolean => controller !== DiskController.UNSPECIFIED;

function refuse({ name }: Disk, text: string, problems: Problems): void {
  problems.add(`spec.disks[${name}].controller`, "DISK_CONTROLLER_UNSUPPORTED", text);
}

function rootBus(disk: Disk, slot: string, { bus }: Attachment, problems: Problems): Bus {
  const held = slot.replace(/\d+$/, "") as Bus;
  if (isAsked(disk) && held !== bus)
    refuse(
      disk,
      `the image's template has its root disk at ${slot}; leave controller out or use another template`,
      problems,
    );
  return held;
}

/** A disk that asks for nothing goes where it is fast, beside whatever SCSI controller the others need. */
const busBeside = (disk: Disk, { bus, scsihw }: Attachment, present: string | undefined): Bus =>
  !isAsked(disk) && present !== undefined && !fits(present, scsihw) ? "virtio" : bus;

/** The VM's one kind of SCSI controller, which must be what the disk asks for. */
function sameController(
  disk: Disk,
  { scsihw }: Attachment,
  present: string | undefined,
  problems: Problems,
): string | undefined {
  if (present === undefined) return scsihw;
  if (isAsked(disk) && !fits(present, scsihw))
    refuse(
      disk,
      `a VM of Proxmox VE has SCSI controllers of one kind, here ${present}; use virtio-blk or sata for this disk`,
      problems,
    );
  return present;
}

const fits = (present: string, wanted: string | undefined): boolean =>
  present === wanted || (present === "virtio-scsi-pci" && wanted === "virtio-scsi-single");

const freeSlot = (bus: Bus, taken: ReadonlySet<string>): string | undefined =>
  Array.from({ length: most[bus] }, (_, index) => `${bus}${index}`).find((slot) => !taken.has(slot));

/** The SCSI controller of the options; undefined when no disk is on one. */
export const controllerOf = (existing: VmConfig): string | undefined =>
  numbered(existing, "scsi").length === 0 ? undefined : (optionOf(existing, "scsihw") ?? "lsi");

/** Where a template's root disk is: the first disk that it boots from, else the first that it has. */
export function rootSlotOf(existing: VmConfig): string | undefined {
  const { order = [] } = decodeBoot(optionOf(existing, "boot") ?? "");
  const bootdisk = optionOf(existing, "bootdisk");
  const named = [...order, ...(bootdisk === undefined ? [] : [bootdisk])];
  const all = (["scsi", "virtio", "sata", "ide"] as const).flatMap((bus) => numbered(existing, bus));
  const disks = all.filter(([, value]) => decodeDrive(value).media !== "cdrom").map(([name]) => name);
  return named.find((name) => disks.includes(name)) ?? disks[0];
}
