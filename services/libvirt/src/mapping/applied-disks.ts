import {
  type AppliedCapability,
  type Disk,
  DiskController,
  DiskProvisioning,
  Feature,
  Outcome,
} from "@virtrigaud/proto";
import { entry } from "@virtrigaud/kit/outcomes";
import type { AppliedInput } from "./applied.ts";
import { diskBus } from "./disk-buses.ts";
import { deviceOfDisk } from "./found-disks.ts";
import { poolOfClass } from "./storage.ts";
import { type Element, first, textOf } from "./xml.ts";

/** What is known of a disk's volume, planned or stored. */
export interface DiskVolume {
  path: string;
  pool: string;
  capacityBytes?: number;
  /** Image that it is an overlay on. */
  backing?: string;
  /** Whether its space was taken at creation; unset when it is not known. */
  preallocate?: boolean;
}

/** What became of what was asked of each disk, as its device and its volume say. */
export function appliedDisks(input: AppliedInput): AppliedCapability[] {
  const { spec, stored, uid } = input;
  const found = spec.disks.flatMap((disk, index) => {
    const device = deviceOfDisk(stored, uid, disk.name);
    return device === undefined ? [] : appliedDisk(disk, device, index === 0, input);
  });
  return found;
}

function appliedDisk(disk: Disk, device: Element, isRoot: boolean, input: AppliedInput): AppliedCapability[] {
  const { spec, host, settings, volumes } = input;
  const { name: subject, sizeBytes, storageClass, controller, iopsLimit } = disk;
  const path = first(device, "source")?.attributes.file ?? "";
  const volume = volumes.find((one) => one.path === path);
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

  if (isRoot && spec.image !== undefined && volume?.backing !== undefined)
    found.push(entry(Feature.IMAGE, { mechanism: "volume/backingStore", observedValue: volume.backing }));
  const capacity = volume?.capacityBytes;
  if (sizeBytes !== undefined && capacity !== undefined && capacity >= sizeBytes)
    note(Feature.DISK_SIZE, "volume/capacity", String(capacity));
  if (volume?.preallocate !== undefined && disk.provisioning !== DiskProvisioning.UNSPECIFIED)
    note(Feature.DISK_PROVISIONING, "volume/allocation", ...provisioned(disk, volume.preallocate));
  if (storageClass !== "" && volume?.pool === poolOfClass(storageClass, settings))
    note(Feature.STORAGE_CLASS, "storage pool", volume.pool);
  if (controller !== DiskController.UNSPECIFIED) {
    const bus = first(device, "target")?.attributes.bus ?? "";
    if (bus === diskBus(disk, host.domain)?.bus)
      note(Feature.DISK_CONTROLLER, "disk/target/@bus", bus, diskBus(disk, host.domain)?.substitute);
  }
  const held = textOf(device, "iotune", "total_iops_sec");
  if (iopsLimit !== undefined && held === String(iopsLimit))
    note(Feature.DISK_IOPS_LIMIT, "disk/iotune/total_iops_sec", held);
  return found;
}

function provisioned({ provisioning }: Disk, preallocate: boolean): [string, string] {
  const value = preallocate ? "qcow2, allocated in full" : "qcow2, sparse";
  if (provisioning === DiskProvisioning.THIN)
    return [value, preallocate ? "the volume was allocated in full" : ""];
  if (!preallocate) return [value, "a disk on top of an image takes its space on demand"];
  const isEager = provisioning === DiskProvisioning.EAGER_ZEROED;
  return [value, isEager ? "the space is allocated and reads as zeros without having been written" : ""];
}
