import { type Disk, DiskController, DiskProvisioning, type VMSpec } from "@virtrigaud/proto";
import { attachmentFor } from "./disk-slots.ts";
import { type FoundDisk, foundDisks } from "./found-disks.ts";
import type { Node, Storage } from "./inventory.ts";
import { storageOf } from "./language/volume.ts";
import { provisioned } from "./provisioning.ts";
import type { Settings } from "./settings.ts";
import { storageOfClass } from "./storage.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

const controllers: Readonly<Record<string, DiskController>> = {
  virtio: DiskController.VIRTIO_BLK,
  sata: DiskController.SATA,
  "scsi lsi": DiskController.LSI_LOGIC,
  "scsi lsi53c810": DiskController.LSI_LOGIC,
  "scsi megasas": DiskController.LSI_LOGIC_SAS,
  "scsi virtio-scsi-pci": DiskController.PARAVIRTUAL_SCSI,
  "scsi virtio-scsi-single": DiskController.PARAVIRTUAL_SCSI,
  "scsi pvscsi": DiskController.PARAVIRTUAL_SCSI,
};

/** The disks of a VM in the contract's words. */
export const foundDiskSpecs = (
  config: VmConfig,
  asked: VMSpec | undefined,
  node: Node | undefined,
  settings: Settings,
): Partial<Disk>[] =>
  foundDisks(config, asked?.disks).map((found) => {
    const wish = asked?.disks.find(({ name }) => name === found.name);
    const storage = storageOf(found.drive.volume ?? "") ?? "";
    return {
      name: found.name,
      sizeBytes: found.drive.sizeBytes,
      provisioning: provisioning(
        wish,
        node?.storages.find(({ name }) => name === storage),
      ),
      storageClass: storageClass(storage, wish, settings),
      controller: controller(found, config, wish),
      iopsLimit: found.drive.iops,
    };
  });

/** The storage decides it; of the contract's words for what it does, the one that was asked for. */
function provisioning(wish: Disk | undefined, storage: Storage | undefined): DiskProvisioning {
  const asked = wish?.provisioning ?? DiskProvisioning.UNSPECIFIED;
  if (storage === undefined || asked === DiskProvisioning.UNSPECIFIED) return DiskProvisioning.UNSPECIFIED;
  if (provisioned({ provisioning: asked }, storage).substitute === "") return asked;
  const words = [DiskProvisioning.THIN, DiskProvisioning.THICK];
  const other = words.find((word) => provisioned({ provisioning: word }, storage).substitute === "");
  return other ?? DiskProvisioning.UNSPECIFIED;
}

/** The class that was asked for, where it leads to the storage that the disk is on; a storage's own name else. */
function storageClass(storage: string, wish: Disk | undefined, settings: Settings): string {
  if (wish === undefined) return storage;
  const isAsAsked = wish.storageClass === "" || storageOfClass(wish.storageClass, settings) === storage;
  return isAsAsked ? wish.storageClass : storage;
}

/** Of the contract's words for one attachment, the one that was asked for. */
function controller({ slot }: FoundDisk, config: VmConfig, wish: Disk | undefined): DiskController {
  const bus = slot.replace(/\d+$/, "");
  const scsihw = optionOf(config, "scsihw") ?? "lsi";
  if (wish !== undefined && isAttached(wish.controller, bus, scsihw)) return wish.controller;
  return controllers[bus === "scsi" ? `scsi ${scsihw}` : bus] ?? DiskController.UNSPECIFIED;
}

/** Whether a disk is where a controller would put it; virtio-scsi has two forms that are the same to the guest. */
export function isAttached(controller: DiskController, bus: string, scsihw: string): boolean {
  if (controller === DiskController.UNSPECIFIED) return bus === "virtio" || /^virtio-scsi/.test(scsihw);
  const wanted = attachmentFor(controller);
  if (wanted?.bus !== bus) return false;
  return (
    wanted.scsihw === undefined ||
    wanted.scsihw.replace("-single", "-pci") === scsihw.replace("-single", "-pci")
  );
}
