import {
  type AppliedCapability,
  type Disk,
  DiskController,
  DiskProvisioning,
  Feature,
  Outcome,
  type VMSpec,
} from "@virtrigaud/proto";
import type { VirtualDevice, VirtualDisk, VirtualDiskFlatVer2BackingInfo } from "../vim/types.ts";
import { entry } from "@virtrigaud/kit/outcomes";
import { diskBytes, provisioningFlags } from "./disk-fields.ts";
import type { KnobSource } from "./knobs.ts";
import { disksOf } from "./scsi-slots.ts";
import type { Settings } from "./settings.ts";
import { datastoreOfClass } from "./storage.ts";

/** What became of what was asked of each disk, as its device says. */
export function appliedDisks(
  spec: VMSpec,
  { hardware }: KnobSource,
  settings: Settings,
): AppliedCapability[] {
  const devices = hardware.device ?? [];
  const found = disksOf(devices);
  return spec.disks.flatMap((disk, index) => {
    const device = found[index];
    return device === undefined ? [] : appliedDisk(disk, device, devices, settings);
  });
}

function appliedDisk(
  disk: Disk,
  device: VirtualDisk,
  devices: readonly VirtualDevice[],
  settings: Settings,
): AppliedCapability[] {
  const { sizeBytes, controller, storageClass, iopsLimit, name: subject } = disk;
  const backing = device.backing?.$type === "VirtualDiskFlatVer2BackingInfo" ? device.backing : undefined;
  const found: AppliedCapability[] = [];
  const note = (feature: Feature, mechanism: string, observedValue: string) =>
    found.push(entry(feature, { subject, mechanism, observedValue }));

  if (sizeBytes !== undefined && diskBytes(device) >= sizeBytes)
    note(Feature.DISK_SIZE, "VirtualDisk.capacityInBytes", String(diskBytes(device)));
  if (disk.provisioning !== DiskProvisioning.UNSPECIFIED && backing !== undefined)
    found.push(provisioned(disk, backing));
  if (controller !== DiskController.UNSPECIFIED) {
    const on = devices.find(({ key }) => key === device.controllerKey)?.$type;
    if (on !== undefined) note(Feature.DISK_CONTROLLER, "VirtualDisk.controllerKey", on);
  }
  if (storageClass !== "" && backing !== undefined) {
    const wanted = datastoreOfClass(storageClass, settings);
    const held = datastoreOf(backing);
    if (wanted === undefined || wanted === held)
      note(Feature.STORAGE_CLASS, "VirtualDisk.backing.datastore", held);
  }
  if (iopsLimit !== undefined && device.storageIOAllocation?.limit === iopsLimit)
    note(Feature.DISK_IOPS_LIMIT, "VirtualDisk.storageIOAllocation.limit", String(iopsLimit));
  return found;
}

function provisioned(disk: Disk, backing: VirtualDiskFlatVer2BackingInfo): AppliedCapability {
  const { thinProvisioned = false, eagerlyScrub = false } = backing;
  const wanted = { thinProvisioned: false, eagerlyScrub: false, ...provisioningFlags(disk.provisioning) };
  const isAsAsked = wanted.thinProvisioned === thinProvisioned && wanted.eagerlyScrub === eagerlyScrub;
  return entry(Feature.DISK_PROVISIONING, {
    subject: disk.name,
    mechanism: "VirtualDisk.backing.thinProvisioned, eagerlyScrub",
    observedValue: `thin=${thinProvisioned} eager=${eagerlyScrub}`,
    ...(isAsAsked
      ? {}
      : { outcome: Outcome.SUBSTITUTED, reason: "the datastore decides how its disks take space" }),
  });
}

/** "[fast-ssd] vm/vm.vmdk" names the datastore that the disk is on. */
const datastoreOf = ({ fileName }: VirtualDiskFlatVer2BackingInfo): string =>
  /^\[([^\]]*)\]/.exec(fileName)?.[1] ?? "";
