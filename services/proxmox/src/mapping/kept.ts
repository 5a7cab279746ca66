import type { Disk, VMSpec } from "@virtrigaud/proto";
import { foundDisks } from "./found-disks.ts";
import { storageOf } from "./language/volume.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { storageOfClass } from "./storage.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

/** What a VM keeps as it is: its name, the storage of its disks, and no less than their size. */
export function checkKept(
  spec: VMSpec,
  before: VMSpec | undefined,
  config: VmConfig,
  settings: Settings,
  { problems, invalid }: { problems: Problems; invalid: Problems },
): void {
  if (spec.name !== optionOf(config, "name"))
    problems.add("spec.name", "NAME_IMMUTABLE", "a VM keeps its name; clone it to have another");
  for (const { name, drive } of foundDisks(config, spec.disks)) {
    const disk = spec.disks.find((one) => one.name === name);
    if (disk === undefined) continue;
    const storage = storageOf(drive.volume ?? "");
    const last = before?.disks.find((one) => one.name === name);
    if (shrinks(disk, drive.sizeBytes, last, before?.image !== undefined && before.disks[0]?.name === name))
      invalid.add(
        `spec.disks[${name}].size_bytes`,
        "DISK_SHRINK",
        `disk ${name} has ${drive.sizeBytes} bytes and cannot shrink to ${disk.sizeBytes}`,
      );
    if (
      disk.storageClass !== "" &&
      storage !== undefined &&
      storageOfClass(disk.storageClass, settings) !== storage
    )
      problems.add(
        `spec.disks[${name}].storage_class`,
        "DISK_MOVE_UNSUPPORTED",
        `disk ${name} is on storage ${storage} and is not moved; keep its storage class, or add a disk of the other class`,
      );
  }
}

/** The asked size of an image's root disk is the least, so only less than was asked before, or than a blank disk has, is a wish to shrink. */
function shrinks(disk: Disk, held: number | undefined, last: Disk | undefined, isImage: boolean): boolean {
  if (disk.sizeBytes === undefined || held === undefined || disk.sizeBytes >= held) return false;
  return !isImage || (last?.sizeBytes !== undefined && disk.sizeBytes < last.sizeBytes);
}
