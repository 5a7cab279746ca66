import type { Call } from "../call.ts";
import { ErrorCode, type Libvirt, type StorageVol } from "../client/index.ts";
import { attempt, unlessGone } from "../errors.ts";
import type { BaseImage } from "../mapping/images.ts";
import { type Element, numberOf, parseXml, textOf } from "../mapping/xml.ts";
import type { FoundPool } from "../pools.ts";
import { volumeIn } from "../volumes.ts";
import { isData, isLink, sha256Of } from "./names.ts";

/** An imported image as it is used. */
export interface ImportedImage extends BaseImage {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * The imported image that a link of the pool stands for; undefined where there is none, or one that a crash left half made. A link by
 * content is the image; others lead to it. One round trip.
 */
export async function readLink(
  libvirt: Libvirt,
  pool: FoundPool,
  name: string,
  call: Call,
): Promise<ImportedImage | undefined> {
  const backing = await readBacking(libvirt, volumeIn(pool, name), call);
  if (backing === undefined) return undefined;
  const path = sha256Of(name) === undefined ? backing.path : volumeIn(pool, name).key;
  const sha256 = sha256Of(path);
  return sha256 === undefined ? undefined : { path, format: "qcow2", sha256, sizeBytes: backing.sizeBytes };
}

/** What a volume is an overlay on; undefined for one that is none, or not there. */
export async function readBacking(
  libvirt: Libvirt,
  vol: StorageVol,
  call: Call,
): Promise<{ path: string; sizeBytes: number } | undefined> {
  const volume = await describe(libvirt, vol, call);
  const path = textOf(volume, "backingStore", "path");
  const sizeBytes = numberOf(volume, "capacity");
  return path && sizeBytes !== undefined ? { path, sizeBytes } : undefined;
}

/** Whether a link leads to bytes that are there: an operator may have removed them, a crash may have left the link half made. */
export async function leadsToData(
  libvirt: Libvirt,
  pool: FoundPool,
  name: string,
  call: Call,
): Promise<boolean> {
  const backing = await readBacking(libvirt, volumeIn(pool, name), call);
  const target = backing?.path.slice(pool.path.length + 1) ?? "";
  if (isLink(target)) return leadsToData(libvirt, pool, target, call);
  return isData(target) && (await describe(libvirt, volumeIn(pool, target), call)) !== undefined;
}

/** What libvirtd tells of a volume; undefined when there is none. */
export async function describe(libvirt: Libvirt, vol: StorageVol, call: Call): Promise<Element | undefined> {
  const { NO_STORAGE_VOL, NO_STORAGE_POOL } = ErrorCode;
  const answer = await attempt(`reading volume ${vol.key}`, () =>
    unlessGone(libvirt.call("storageVolGetXmlDesc", { vol }, call), NO_STORAGE_VOL, NO_STORAGE_POOL),
  );
  return answer && parseXml(answer.xml);
}
