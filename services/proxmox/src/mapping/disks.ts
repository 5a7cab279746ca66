import type { Disk, VMSpec } from "@virtrigaud/proto";
import { diskSerial } from "./disk-serial.ts";
import { controllerOf, type DiskSlots, diskSlots } from "./disk-slots.ts";
import type { Storage } from "./inventory.ts";
import { decodeDrive, encodeDrive } from "./language/drive.ts";
import { newVolume } from "./language/volume.ts";
import type { Problems } from "./problems.ts";
import { imageFormat } from "./provisioning.ts";
import type { VmStorage } from "./storage.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** The disks to make, and where the root disk of an image is. */
export interface PlannedDisks {
  options: Parameters;
  /** The slot that the template's disk keeps; undefined for a blank VM. */
  root: { slot: string; disk: Disk } | undefined;
}

/** The VM's disks on their storages, and the controller that they need. */
export function disks(
  spec: VMSpec,
  storage: VmStorage,
  existing: VmConfig,
  problems: Problems,
): PlannedDisks {
  const placed = diskSlots(spec.disks, existing, problems);
  const [first] = spec.disks;
  const isClone = spec.image !== undefined;
  const rootSlot = isClone && first !== undefined ? placed.slots.get(first.name) : undefined;
  const blank = isClone ? spec.disks.slice(1) : spec.disks;
  const options = blank.flatMap((disk): [string, string][] => {
    const option = blankDisk(disk, placed, storage.disks.get(disk.name), problems);
    const slot = placed.slots.get(disk.name);
    return option === undefined || slot === undefined ? [] : [[slot, option]];
  });
  const scsihw = controllerOf(existing) === undefined ? placed.scsihw : undefined;
  return {
    options: { ...(scsihw === undefined ? {} : { scsihw }), ...Object.fromEntries(options) },
    root: first === undefined || rootSlot === undefined ? undefined : { slot: rootSlot, disk: first },
  };
}

function blankDisk(
  disk: Disk,
  { slots, scsihw }: DiskSlots,
  storage: Storage | undefined,
  problems: Problems,
): string | undefined {
  const field = `spec.disks[${disk.name}]`;
  const { sizeBytes } = disk;
  if (sizeBytes === undefined)
    return problems.add(`${field}.size_bytes`, "REQUIRED", "a blank disk needs a size");
  const slot = slots.get(disk.name);
  if (storage === undefined || slot === undefined) return undefined;
  if (storage.type === "lvm" && storage.availableBytes !== undefined && sizeBytes > storage.availableBytes)
    problems.add(
      `${field}.size_bytes`,
      "CAPACITY",
      `storage ${storage.name} has ${storage.availableBytes} bytes free, the disk takes ${sizeBytes} at once; use a smaller size or another storage class`,
    );
  const format = imageFormat(storage);
  return problems.written(field, () =>
    encodeDrive({
      volume: newVolume(storage.name, sizeBytes),
      discard: "on",
      ...(hasThread(slot, scsihw) ? { iothread: true } : {}),
      serial: diskSerial(disk.name),
      ...(disk.iopsLimit === undefined ? {} : { iops: disk.iopsLimit }),
      ...(format === undefined ? {} : { format }),
    }),
  );
}

/** Whether a disk can have a thread of its own, off the CPUs'. */
const hasThread = (slot: string, scsihw: string | undefined): boolean =>
  slot.startsWith("virtio") || (slot.startsWith("scsi") && scsihw === "virtio-scsi-single");

/** A template's disk as this VM's: the name that it is known by, and its bound. What the option holds besides stays. */
export function rootOption({ slot, disk }: { slot: string; disk: Disk }, found: VmConfig): string {
  const { sizeBytes: _, ...held } = decodeDrive(optionOf(found, slot) ?? "");
  return encodeDrive({
    ...held,
    serial: diskSerial(disk.name),
    ...(disk.iopsLimit === undefined ? {} : { iops: disk.iopsLimit }),
  });
}
