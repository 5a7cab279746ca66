import { type Disk, DiskProvisioning, type NetworkInterface, type VMSpec } from "@virtrigaud/proto";
import type { VirtualDevice, VirtualDisk, VirtualEthernetCard } from "../vim/types.ts";
import { diskBytes } from "./disk-fields.ts";
import type { Inventory } from "./inventory.ts";
import { networkName } from "./networks.ts";
import { nicsOf } from "./nics.ts";
import { controllerOf, disksOf } from "./scsi-slots.ts";

/** Stored disks in the contract's words; their names and classes are those that were asked for. */
export const foundDisks = (devices: readonly VirtualDevice[], asked: VMSpec | undefined): Partial<Disk>[] =>
  disksOf(devices).map((device, index) => foundDisk(device, index, asked?.disks[index], devices));

/** Stored network cards in the contract's words; their names are those that were asked for. */
export const foundNics = (
  devices: readonly VirtualDevice[],
  asked: VMSpec | undefined,
  inventory: Inventory,
): Partial<NetworkInterface>[] =>
  nicsOf(devices).map((card, index) => foundNic(card, index, asked?.networkInterfaces[index], inventory));

function foundDisk(
  device: VirtualDisk,
  index: number,
  asked: Disk | undefined,
  devices: readonly VirtualDevice[],
): Partial<Disk> {
  const limit = device.storageIOAllocation?.limit ?? -1;
  return {
    name: asked?.name ?? (index === 0 ? "root" : (device.deviceInfo?.label ?? `disk${index}`)),
    sizeBytes: diskBytes(device),
    provisioning: foundProvisioning(device),
    storageClass: asked?.storageClass ?? "",
    controller: controllerOf(devices.find(({ key }) => key === device.controllerKey)?.$type),
    ...(limit === -1 ? {} : { iopsLimit: limit }),
  };
}

function foundProvisioning({ backing }: VirtualDisk): DiskProvisioning {
  if (backing?.$type !== "VirtualDiskFlatVer2BackingInfo") return DiskProvisioning.UNSPECIFIED;
  if (backing.thinProvisioned) return DiskProvisioning.THIN;
  return backing.eagerlyScrub ? DiskProvisioning.EAGER_ZEROED : DiskProvisioning.THICK;
}

function foundNic(
  card: VirtualEthernetCard,
  index: number,
  asked: NetworkInterface | undefined,
  inventory: Inventory,
): Partial<NetworkInterface> {
  return {
    name: asked?.name ?? card.deviceInfo?.label ?? `nic${index}`,
    vsphere: { portgroup: networkName(card.backing, inventory), distributedSwitch: "" },
    macAddress: card.macAddress?.toLowerCase() ?? "",
    model: card.$type.replace("Virtual", "").toLowerCase(),
    staticAddress: asked?.staticAddress,
  };
}
