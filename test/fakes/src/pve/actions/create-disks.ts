import type { Call } from "../api/call.ts";
import { ApiError, fail } from "../api/error.ts";
import type { Volume } from "../model/storage.ts";
import type { Worker } from "../model/tasks.ts";
import { isDriveName } from "../schema/drives.ts";
import { formatSize } from "../schema/print.ts";
import {
  type Drive,
  type Found,
  newDisk,
  printDrive,
  splitVolumeId,
  storageOn,
  storedDrive,
  volumeOf,
} from "./drive.ts";
import { kindOf } from "./volume-access.ts";

const KIB = 1024;
const CLOUDINIT_BYTES = 4 * 2 ** 20;
const TPMSTATE_BYTES = 4 * 2 ** 20;
/** Sizes of the UEFI variable stores. */
const EFI_BYTES: Readonly<Record<string, number>> = { "2m": 128 * KIB, "4m": 528 * KIB };

interface DiskOrder {
  readonly call: Call;
  readonly vmid: number;
  /** Drive options that may ask for new volumes. */
  readonly options: Readonly<Record<string, string>>;
  readonly isTemplate: boolean;
  readonly defaultStorage?: string | undefined;
  readonly worker: Pick<Worker, "print">;
}

/** Creates the volumes that drive options ask for and gives the options as they are stored. Frees all on failure. */
export function createDisks(order: DiskOrder): Record<string, string> {
  const created: Found[] = [];
  const stored: Record<string, string> = {};
  try {
    for (const name of Object.keys(order.options).filter(isDriveName).sort()) {
      const drive = storedDrive(order.call.cluster, name, order.options[name] as string);
      stored[name] = createDisk(order, name, drive, created);
    }
    return stored;
  } catch (error) {
    for (const { storage, volume } of created) storage.free(order.call.node.name, volume);
    throw error;
  }
}

function createDisk(order: DiskOrder, name: string, drive: Drive, created: Found[]): string {
  const { call, worker } = order;
  if (drive.file === "none" || drive.file === "cdrom") {
    delete drive["size"];
    return printDrive(drive);
  }
  const fresh = newDisk(drive);
  const isNewCloudinit = /(^|:)cloudinit$/.test(drive.file);
  if (fresh === undefined && !isNewCloudinit) {
    const { volume } = volumeOf(call.cluster, call.node.name, drive.file);
    drive["size"] = formatSize(volume.sizeBytes);
    return printDrive(drive);
  }
  const id =
    (fresh === undefined ? splitVolumeId(drive.file)?.storage : fresh.storage) ??
    order.defaultStorage ??
    fail("no storage ID specified (and no default storage)");
  const storage = storageOn(call.cluster, id, call.node.name);
  const made = isNewCloudinit
    ? cloudinitVolume(order, storage, drive)
    : diskVolume(order, name, drive, storage, fresh?.gib ?? 0);
  created.push(made);
  drive.file = `${id}:${made.volume.name}`;
  if (isNewCloudinit) drive["media"] = "cdrom";
  else drive["size"] = formatSize(made.volume.sizeBytes);
  delete drive["format"];
  const text = printDrive(drive);
  worker.print(`${name}: successfully created disk '${text}'`);
  return text;
}

function cloudinitVolume({ call, vmid, worker }: DiskOrder, storage: Found["storage"], drive: Drive): Found {
  const volume = storage.allocate(call.node.name, {
    vmid,
    sizeBytes: CLOUDINIT_BYTES,
    format: drive["format"] ?? "qcow2",
    name: `vm-${vmid}-cloudinit`,
    print: worker.print,
  });
  return { storage, volume };
}

function diskVolume(
  order: DiskOrder,
  name: string,
  drive: Drive,
  storage: Found["storage"],
  gib: number,
): Found {
  const { call, vmid, worker } = order;
  const node = call.node.name;
  const source = drive["import-from"];
  delete drive["import-from"];
  let volume: Volume;
  if (source !== undefined) volume = importVolume(order, drive, storage, source);
  else if (name === "efidisk0") volume = efiVolume(order, drive, storage);
  else {
    const sizeBytes = name === "tpmstate0" ? TPMSTATE_BYTES : Math.round(gib * 2 ** 30);
    volume = storage.allocate(node, { vmid, sizeBytes, ...formatOf(drive), print: worker.print });
  }
  return { storage, volume: order.isTemplate ? storage.makeBase(node, volume) : volume };
}

const formatOf = (drive: Drive) => (drive["format"] === undefined ? {} : { format: drive["format"] });

function efiVolume({ call, vmid, worker }: DiskOrder, drive: Drive, storage: Found["storage"]): Volume {
  const bytes = EFI_BYTES[drive["efitype"] ?? "2m"] as number;
  const order = { vmid, sizeBytes: bytes, ...formatOf(drive), print: worker.print };
  const volume = storage.allocate(call.node.name, order);
  const total = human(bytes);
  worker.print(`transferred 0.0 B of ${total} (0.00%)`);
  for (let line = 0; line < 2; line += 1) worker.print(`transferred ${total} of ${total} (100.00%)`);
  if (call.cluster.release.major >= 9 && drive["pre-enrolled-keys"] === "1") drive["ms-cert"] = "2023k";
  return volume;
}

function importVolume(
  { call, vmid, worker }: DiskOrder,
  drive: Drive,
  storage: Found["storage"],
  source: string,
): Volume {
  const node = call.node.name;
  if (splitVolumeId(source) === undefined) fail(`could not get file size of ${source}`);
  const { volume } = inImport(source, () => volumeOf(call.cluster, node, source));
  const format = drive["format"] ?? (volume.format === "qcow2" ? "qcow2" : "raw");
  worker.print(`create full clone of drive (${source})`);
  const data = Math.min(volume.usedBytes, volume.sizeBytes);
  const order = { vmid, sizeBytes: volume.sizeBytes, format, dataBytes: data, print: worker.print };
  const made = inImport(source, () => storage.allocate(node, order));
  printCopy(worker, volume.sizeBytes);
  return made;
}

/** The lines of a copy's progress. */
export function printCopy(worker: Pick<Worker, "print">, bytes: number): void {
  const total = human(bytes);
  worker.print(`transferred 0.0 B of ${total} (0.00%)`);
  worker.print(`transferred ${total} of ${total} (100.00%)`);
}

function inImport<T>(source: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ApiError) fail(`cannot import from '${source}' - ${error.message.trimEnd()}`);
    throw error;
  }
}

/** `528.0 KiB`. */
function human(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount.toFixed(1)} ${units[unit]}`;
}

/** Is it the id of a volume of this VM? */
export function ownsVolume(vmid: number, volumeId: string): boolean {
  return kindOf(splitVolumeId(volumeId)?.name ?? "")?.owner === vmid;
}
