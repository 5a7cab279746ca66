import type { Disk } from "@virtrigaud/proto";
import { diskSerial } from "./disk-serial.ts";
import { rootSlotOf } from "./disk-slots.ts";
import { decodeDrive, type Drive } from "./language/drive.ts";
import { numbered, type VmConfig } from "./vm-config.ts";

/** A disk of a VM, with its option's name and what that holds. */
export interface FoundDisk {
  name: string;
  slot: string;
  drive: Drive;
}

const buses = ["scsi", "virtio", "sata", "ide"] as const;

/**
 * The disks of a VM: those that were asked for in their order, then the others by slot. A disk is known by its serial, a template's root disk
 * that has none yet by its place; one that nobody asked for is named by its slot. CDs, and with them cloud-init's, are none.
 */
export function foundDisks(config: VmConfig, asked: readonly Disk[] = []): FoundDisk[] {
  const bySlot = diskDrives(config);
  const root = rootSlotOf(config);
  const nameOf = ({ slot, drive }: Omit<FoundDisk, "name">): string => {
    const known = asked.find(({ name }) => drive.serial === diskSerial(name));
    const isFresh = slot === root && drive.serial === undefined;
    return known?.name ?? (isFresh ? asked[0]?.name : undefined) ?? slot;
  };
  const named = bySlot.map((one) => ({ name: nameOf(one), ...one }));
  const place = ({ name }: FoundDisk): number => {
    const index = asked.findIndex((disk) => disk.name === name);
    return index < 0 ? asked.length : index;
  };
  return named.sort((a, b) => place(a) - place(b));
}

const diskDrives = (config: VmConfig): Omit<FoundDisk, "name">[] =>
  buses
    .flatMap((bus) => numbered(config, bus))
    .map(([slot, option]) => ({ slot, drive: decodeDrive(option) }))
    .filter(({ drive }) => drive.media !== "cdrom" && drive.volume !== "none" && !isCloudInit(drive));

/** Proxmox VE names the volume that it makes for cloud-init; that name is all that tells it. */
const isCloudInit = ({ volume = "" }: Drive): boolean =>
  /[:/](?:vm-\d+-)?cloudinit(?:\.(?:raw|qcow2|vmdk))?$/.test(volume);

/** Where a VM's first configuration comes from: our seed, else Proxmox VE's own drive; undefined when it has neither. */
export const cloudInitVolume = (config: VmConfig): string | undefined =>
  seedVolume(config) ?? drives(config).find(isCloudInit)?.volume;

/** The volume of our seed, which is there exactly when cloud-init was asked for; Proxmox VE's drive may be the template's. */
export const seedVolume = (config: VmConfig): string | undefined =>
  drives(config).find(({ volume = "" }) => /[:/]vrtg-[0-9a-f-]{36}-seed\.iso$/.test(volume))?.volume;

const drives = (config: VmConfig): Drive[] =>
  buses.flatMap((bus) => numbered(config, bus)).map(([, option]) => decodeDrive(option));
