import { fail } from "../api/error.ts";
import type { Cluster } from "../model/cluster.ts";
import type { VmConfig } from "../model/config.ts";
import type { Storage, Volume } from "../model/storage.ts";
import { FormatError, parsePropertyString } from "../schema/check.ts";
import { type Bus, busOf, driveFormat, isDriveName } from "../schema/drives.ts";
import { formatSize, parseSize, printPropertyString } from "../schema/print.ts";
import type { PropertyFormat } from "../schema/schema.ts";

/** A drive option's keys; `file` is always there. */
export type Drive = Record<string, string> & { file: string };

/** `STORAGE:GiB`, which asks for a new volume. */
const NEW_DISK = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/;

/** Parses a drive option; undefined when it is wrong in a way that the schema does not see. */
export function parseDrive(cluster: Cluster, name: string, value: string): Drive | undefined {
  const bus = busOf(name) ?? "scsi";
  const keys = /^unused/.test(name)
    ? driveFormat("scsi", 9, true)
    : driveFormat(bus, cluster.release.major, true);
  try {
    const drive = parsePropertyString({ keys }, value, cluster.book) as Drive;
    const { size } = drive;
    if (size !== undefined) drive["size"] = formatSize(parseSize(size) ?? 0);
    if (
      drive["media"] === "cdrom" &&
      (drive["snapshot"] === "1" || drive["format"] !== undefined || bus === "virtio")
    )
      return undefined;
    return drive;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Parses a drive option that is already in a configuration. */
export function storedDrive(cluster: Cluster, name: string, value: string): Drive {
  return parseDrive(cluster, name, value) ?? fail(`unable to parse drive options for '${name}'`);
}

/** Writes a drive option: the volume first, then its keys by name. */
export function printDrive(drive: Drive): string {
  return printPropertyString(drive, anyDrive);
}

const anyDrive: PropertyFormat = Object.assign(
  {},
  ...(["ide", "sata", "scsi", "virtio", "efidisk", "tpmstate"] satisfies Bus[]).map((bus) =>
    driveFormat(bus, 9, true),
  ),
);

/** The storage and GiB of a drive that asks for a new volume. */
export function newDisk(
  drive: Drive,
): { readonly storage: string | undefined; readonly gib: number } | undefined {
  const match = NEW_DISK.exec(drive.file);
  return match === null ? undefined : { storage: match[1], gib: Number(match[2]) };
}

/** Storage and volume name of a volume id; undefined when it is none. */
export function splitVolumeId(
  volumeId: string,
): { readonly storage: string; readonly name: string } | undefined {
  const match = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i.exec(volumeId);
  return match === null ? undefined : { storage: match[1] as string, name: match[2] as string };
}

export const isCloudinit = (drive: Drive): boolean =>
  /[:/](?:vm-\d+-)?cloudinit(?:\.(?:raw|qcow2|vmdk))?$/.test(drive.file);
export const isCdrom = (drive: Drive): boolean => drive["media"] === "cdrom";

/** A storage by its id. Fails as PVE does when there is none. */
export function storageOf(cluster: Cluster, id: string): Storage {
  return cluster.storages.get(id) ?? fail(`storage '${id}' does not exist`);
}

/** A storage that a node has. */
export function storageOn(cluster: Cluster, id: string, node: string): Storage {
  const storage = storageOf(cluster, id);
  if (!storage.isOn(node)) fail(`storage '${id}' is not available on node '${node}'`);
  return storage;
}

/** A volume as a node sees it. */
export interface Found {
  readonly storage: Storage;
  readonly volume: Volume;
}

/** The volume of an id; undefined when it is not there. */
export function findVolume(cluster: Cluster, node: string, volumeId: string): Found | undefined {
  const split = splitVolumeId(volumeId);
  if (split === undefined) return undefined;
  const storage = storageOn(cluster, split.storage, node);
  const volume = storage.volumes(node).get(split.name);
  return volume === undefined ? undefined : { storage, volume };
}

/** The volume of an id. Fails when it is not there. */
export function volumeOf(cluster: Cluster, node: string, volumeId: string): Found {
  return findVolume(cluster, node, volumeId) ?? fail(`volume ${volumeId} does not exist`);
}

/** The drives of a configuration by name, in PVE's order. */
export function drivesOf(cluster: Cluster, config: Readonly<VmConfig>): [string, Drive][] {
  return Object.keys(config)
    .filter(isDriveName)
    .sort()
    .map((name): [string, Drive] => [name, storedDrive(cluster, name, config[name] as string)]);
}

/**
 * Bytes of the disk that a VM boots from, 0 without one: the first in the boot order that is no CD. Read off the
 * text, as lists of thousands of VMs need it.
 */
export function bootDiskBytes(config: Readonly<VmConfig>): number {
  const order = /order=([^,]+)/.exec(config["boot"] ?? "")?.[1]?.split(";");
  const names = order ?? Object.keys(config).sort();
  const first = names.find(
    (name) => isDriveName(name) && !/^(efi|tpm)/.test(name) && !/(^none|cdrom)/.test(config[name] ?? "none"),
  );
  return parseSize(/(?:^|,)size=([^,]+)/.exec(config[first ?? ""] ?? "")?.[1] ?? "0") ?? 0;
}
