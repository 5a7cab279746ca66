import { entry } from "@virtrigaud/kit/outcomes";
import {
  type AppliedCapability,
  type Disk,
  DiskController,
  DiskProvisioning,
  Feature,
  Outcome,
} from "@virtrigaud/proto";
import type { AppliedInput } from "./applied.ts";
import { attachmentFor } from "./disk-slots.ts";
import { isAttached } from "./found-disk-specs.ts";
import { type FoundDisk, foundDisks } from "./found-disks.ts";
import { newVolumeBytes, storageOf } from "./language/volume.ts";
import { provisioned } from "./provisioning.ts";
import { storageOfClass } from "./storage.ts";
import { optionOf } from "./vm-config.ts";

/** What became of what was asked of each disk, as its option and its storage say. */
export function appliedDisks(input: AppliedInput): AppliedCapability[] {
  const found = foundDisks(input.stored, input.spec.disks);
  return input.spec.disks.flatMap((disk) => {
    const held = found.find(({ name }) => name === disk.name);
    return held === undefined ? [] : appliedDisk(disk, held, input);
  });
}

function appliedDisk(
  disk: Disk,
  { slot, drive }: FoundDisk,
  { stored, node, settings }: AppliedInput,
): AppliedCapability[] {
  const { name: subject, sizeBytes, storageClass, controller, iopsLimit } = disk;
  const { volume = "" } = drive;
  const storage = node.storages.find(({ name }) => name === storageOf(volume));
  const found: AppliedCapability[] = [];
  const note = (feature: Feature, mechanism: string, observedValue: string, substitute = "") =>
    found.push(
      entry(feature, {
        subject,
        mechanism,
        observedValue,
        ...(substitute === "" ? {} : { outcome: Outcome.SUBSTITUTED, reason: substitute }),
      }),
    );

  const size = drive.sizeBytes ?? newVolumeBytes(volume);
  if (sizeBytes !== undefined && size !== undefined && size >= sizeBytes)
    note(Feature.DISK_SIZE, `${slot}: size`, String(size));
  if (storage !== undefined && disk.provisioning !== DiskProvisioning.UNSPECIFIED) {
    const { value, substitute } = provisioned(disk, storage);
    note(Feature.DISK_PROVISIONING, "type of the storage", value, substitute);
  }
  if (storage !== undefined && storageClass !== "" && storage.name === storageOfClass(storageClass, settings))
    note(Feature.STORAGE_CLASS, "storage", storage.name);
  if (controller !== DiskController.UNSPECIFIED) {
    const [bus, scsihw] = [slot.replace(/\d+$/, ""), optionOf(stored, "scsihw") ?? "lsi"];
    const observed = bus === "scsi" ? `${slot}, scsihw=${scsihw}` : slot;
    if (isAttached(controller, bus, scsihw))
      note(Feature.DISK_CONTROLLER, "bus, scsihw", observed, attachmentFor(controller)?.substitute);
  }
  if (iopsLimit !== undefined && drive.iops === iopsLimit)
    note(Feature.DISK_IOPS_LIMIT, `${slot}: iops`, String(drive.iops));
  return found;
}
