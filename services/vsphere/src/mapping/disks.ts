import { type Disk, DiskController } from "@virtrigaud/proto";
import type { VirtualDevice, VirtualDeviceConfigSpec, VirtualDisk } from "../vim/types.ts";
import { asSent } from "./device.ts";
import { capacity, diskBytes, policyProfile, provisioningFlags } from "./disk-fields.ts";
import type { Problems } from "./problems.ts";
import { controllerOf, disksOf, scsiLimit, ScsiSlots, scsiType } from "./scsi-slots.ts";
import type { DiskStorage } from "./storage.ts";

/** vSphere's lowest limit of operations per second. */
const minIops = 16;

/**
 * Device changes that lead from the existing disks to the wanted ones. Disks are matched by position: the first is the root disk. Existing
 * ones grow, missing ones are added behind a controller of the wanted kind; none is ever shrunk, moved or removed.
 */
export function diskChanges(
  disks: readonly Disk[],
  existing: readonly VirtualDevice[],
  storage: ReadonlyMap<string, DiskStorage>,
  problems: Problems,
): VirtualDeviceConfigSpec[] {
  const present = disksOf(existing);
  const slots = new ScsiSlots(existing);
  const changes = disks.flatMap((disk, index) => {
    const found = present[index];
    checkIops(disk, problems);
    if (found === undefined) return addition(disk, index, slots, storage.get(disk.name), problems);
    checkController(disk, found, existing, problems);
    return edit(disk, found, problems);
  });
  // vCenter wants a controller before the disks on it.
  return [...slots.added, ...changes];
}

function checkIops({ name, iopsLimit }: Disk, problems: Problems): void {
  if (iopsLimit === undefined || iopsLimit >= minIops) return;
  const text = `vSphere limits to ${minIops} operations per second at the least`;
  problems.add(`spec.disks[${name}].iops_limit`, "IOPS_LIMIT_TOO_LOW", text);
}

function checkController(
  { name, controller }: Disk,
  { controllerKey }: VirtualDisk,
  existing: readonly VirtualDevice[],
  problems: Problems,
): void {
  const found = existing.find(({ key }) => key === controllerKey)?.$type;
  if (controller === DiskController.UNSPECIFIED || controllerOf(found) === controller) return;
  problems.add(
    `spec.disks[${name}].controller`,
    "DISK_CONTROLLER_FIXED",
    `the image's disk is on a ${found ?? "controller that is not listed"} and its guest may not boot from another; leave the controller out or change the template`,
  );
}

function edit(disk: Disk, found: VirtualDisk, problems: Problems): VirtualDeviceConfigSpec[] {
  const { sizeBytes, iopsLimit } = disk;
  const present = diskBytes(found);
  if (sizeBytes !== undefined && sizeBytes < present) {
    problems.add(
      `spec.disks[${disk.name}].size_bytes`,
      "DISK_SHRINK",
      `the disk has ${present} bytes already and cannot shrink to ${sizeBytes}; ask for at least that`,
    );
    return [];
  }
  const grows = sizeBytes !== undefined && sizeBytes > present;
  const limits = iopsLimit !== undefined && iopsLimit !== found.storageIOAllocation?.limit;
  if (!grows && !limits) return [];
  const device: VirtualDisk = {
    ...asSent(found),
    ...(grows ? capacity(sizeBytes) : {}),
    ...(limits ? { storageIOAllocation: { ...found.storageIOAllocation, limit: iopsLimit } } : {}),
  };
  return [{ operation: "edit", device }];
}

function addition(
  disk: Disk,
  index: number,
  slots: ScsiSlots,
  place: DiskStorage | undefined,
  problems: Problems,
): VirtualDeviceConfigSpec[] {
  const field = `spec.disks[${disk.name}]`;
  const controller = scsiType(disk.controller);
  if (controller === undefined)
    problems.add(
      `${field}.controller`,
      "DISK_CONTROLLER_UNSUPPORTED",
      "this provider attaches disks to SCSI controllers; use paravirtual-scsi, lsi-logic-sas, lsi-logic or bus-logic",
    );
  if (disk.sizeBytes === undefined)
    problems.add(`${field}.size_bytes`, "REQUIRED", "a blank disk needs a size");
  if (controller === undefined || disk.sizeBytes === undefined || place === undefined) return [];
  const slot = slots.take(controller);
  if (slot === undefined) {
    problems.add(field, "TOO_MANY_DISKS", `a VM has at most ${scsiLimit}, in the order of the disks`);
    return [];
  }
  const device: VirtualDisk = {
    $type: "VirtualDisk",
    key: -200 - index,
    backing: {
      $type: "VirtualDiskFlatVer2BackingInfo",
      fileName: `[${place.datastore.name}]`,
      datastore: { type: "Datastore", value: place.datastore.id },
      diskMode: "persistent",
      ...provisioningFlags(disk.provisioning),
    },
    ...slot,
    ...capacity(disk.sizeBytes),
    ...(disk.iopsLimit === undefined ? {} : { storageIOAllocation: { limit: disk.iopsLimit } }),
  };
  return [{ operation: "add", fileOperation: "create", device, ...policyProfile(place.policy) }];
}
