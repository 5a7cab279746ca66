import type { Call } from "../api/call.ts";
import { refuse } from "../api/error.ts";
import { fail } from "../api/error.ts";
import { isDriveName } from "../schema/drives.ts";
import { type Drive, isCdrom, newDisk, parseDrive, printDrive, splitVolumeId, storageOf } from "./drive.ts";
import { checkVolumeAccess, kindOf } from "./volume-access.ts";

type Options = Record<string, string>;

/** Brings drive options into PVE's writing and refuses what cannot be. Changes the options. */
export function normalizeDrives(call: Call, options: Options): void {
  for (const name of Object.keys(options).filter(isDriveName).sort()) {
    const drive =
      parseDrive(call.cluster, name, options[name] as string) ??
      refuse({ [name]: "unable to parse drive options" });
    checkImport(name, drive);
    if (/^(cdrom|none)$/.test(drive.file)) drive["media"] ??= "cdrom";
    const split = newDisk(drive) === undefined ? splitVolumeId(drive.file) : undefined;
    if (split !== undefined && kindOf(split.name)?.content === "iso" && !isCdrom(drive))
      refuse({ [name]: "explicit 'media=cdrom' is required for iso images" });
    options[name] = printDrive(drive);
  }
}

function checkImport(name: string, drive: Drive): void {
  if (drive["import-from"] === undefined) return;
  if (newDisk(drive)?.gib !== 0)
    refuse({
      [name]: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>",
    });
  const needed =
    name === "efidisk0" ? ["efitype", "pre-enrolled-keys"] : name === "tpmstate0" ? ["version"] : [];
  for (const key of needed)
    if (drive[key] === undefined) refuse({ [name]: `need to specify '${key}' when using 'import-from'` });
}

/** Fails unless the caller may use the storages and volumes of these drive options. */
export function checkStorageAccess(
  call: Call,
  vmid: number,
  options: Options,
  defaultStorage?: string,
): void {
  for (const name of Object.keys(options).filter(isDriveName).sort()) {
    const drive = parseDrive(call.cluster, name, options[name] as string);
    if (drive === undefined) continue;
    checkTarget(call, vmid, name, drive, defaultStorage);
    const source = drive["import-from"];
    if (source !== undefined) checkSource(call, vmid, name, source);
  }
  const stateStorage = options["vmstatestorage"];
  if (stateStorage !== undefined) call.need(`/storage/${stateStorage}`, "Datastore.AllocateSpace");
}

function checkTarget(call: Call, vmid: number, name: string, drive: Drive, defaultStorage?: string): void {
  if (drive.file === "none" || /(^|:)cloudinit$/.test(drive.file)) return;
  if (drive.file === "cdrom") return call.need("/", "Sys.Console");
  const fresh = isCdrom(drive) ? undefined : newDisk(drive);
  if (fresh !== undefined) {
    const id = fresh.storage ?? defaultStorage ?? fail("no storage ID specified (and no default storage)");
    call.need(`/storage/${id}`, "Datastore.AllocateSpace");
    if (!storageOf(call.cluster, id).content.includes("images"))
      refuse({ storage: `storage '${id}' does not support vm images` });
    return;
  }
  checkVolumeAccess(call, drive.file, vmid);
  const content = kindOf(splitVolumeId(drive.file)?.name ?? "")?.content;
  if (content !== undefined && content !== "images" && content !== "iso")
    refuse({ [name]: "content type needs to be 'images' or 'iso'" });
}

function checkSource(call: Call, vmid: number, name: string, source: string): void {
  const kind = kindOf(splitVolumeId(source)?.name ?? "");
  if (kind !== undefined && kind.content !== "images" && kind.content !== "import")
    refuse({ [name]: `${source} has wrong type '${kind.content}' - needs to be 'images' or 'import'` });
  if (kind?.owner !== undefined) call.need(`/vms/${kind.owner}`, "VM.Clone");
  else checkVolumeAccess(call, source, vmid);
}
