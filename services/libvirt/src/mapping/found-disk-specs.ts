import { type Disk, DiskController, DiskProvisioning, type VMSpec } from "@virtrigaud/proto";
import type { DiskVolume } from "./applied-disks.ts";
import type { FoundDomain } from "./found-domain.ts";
import { diskDevices, diskName, fileOf } from "./found-disks.ts";
import type { Settings } from "./settings.ts";
import { poolOfClass } from "./storage.ts";
import { all, type Element, first, numberOf } from "./xml.ts";

const controllers: Readonly<Record<string, DiskController>> = {
  virtio: DiskController.VIRTIO_BLK,
  sata: DiskController.SATA,
  nvme: DiskController.NVME,
};
const scsiModels: Readonly<Record<string, DiskController>> = {
  lsisas1068: DiskController.LSI_LOGIC_SAS,
  lsilogic: DiskController.LSI_LOGIC,
};

/** The disks of a domain in the contract's words. */
export function foundDisks(
  { stored, volumes }: FoundDomain,
  uid: string,
  asked: VMSpec | undefined,
  settings: Settings,
): Partial<Disk>[] {
  return diskDevices(stored).map((device) => {
    const name = diskName(device, uid);
    const wish = asked?.disks.find((disk) => disk.name === name);
    const volume = volumes.find(({ path }) => path === fileOf(device));
    return {
      name,
      sizeBytes: volume?.capacityBytes,
      provisioning: provisioning(volume, wish),
      storageClass: storageClass(volume, wish, settings),
      controller: controller(device, stored, wish),
      iopsLimit: numberOf(device, "iotune", "total_iops_sec"),
    };
  });
}

function provisioning(volume: DiskVolume | undefined, wish: Disk | undefined): DiskProvisioning {
  if (volume?.preallocate === undefined) return DiskProvisioning.UNSPECIFIED;
  const words = volume.preallocate
    ? [DiskProvisioning.THICK, DiskProvisioning.EAGER_ZEROED]
    : [DiskProvisioning.THIN, DiskProvisioning.UNSPECIFIED];
  return words.find((word) => word === wish?.provisioning) ?? words[0] ?? DiskProvisioning.UNSPECIFIED;
}

/** The class that was asked for, where it leads to the pool that the disk is in; a pool's own name else. */
function storageClass(volume: DiskVolume | undefined, wish: Disk | undefined, settings: Settings): string {
  if (volume === undefined) return "";
  if (wish === undefined) return volume.pool;
  const isDefault = wish.storageClass === "";
  return isDefault || poolOfClass(wish.storageClass, settings) === volume.pool
    ? wish.storageClass
    : volume.pool;
}

function controller(device: Element, domain: Element, wish: Disk | undefined): DiskController {
  const bus = first(device, "target")?.attributes.bus ?? "";
  const found =
    bus === "scsi" ? scsiController(device, domain) : (controllers[bus] ?? DiskController.UNSPECIFIED);
  const isDefault = wish?.controller === DiskController.UNSPECIFIED && found === DiskController.VIRTIO_BLK;
  return isDefault ? DiskController.UNSPECIFIED : found;
}

function scsiController(device: Element, domain: Element): DiskController {
  const index = first(device, "address")?.attributes.controller ?? "0";
  const model = all(domain, "devices", "controller").find(
    ({ attributes }) => attributes.type === "scsi" && attributes.index === index,
  )?.attributes.model;
  return scsiModels[model ?? ""] ?? DiskController.PARAVIRTUAL_SCSI;
}
