import type { Call } from "../call.ts";
import type { Libvirt, StorageVol } from "../client/index.ts";
import { attempt } from "../errors.ts";
import { numberOf } from "../mapping/xml.ts";
import type { FoundPool } from "../pools.ts";
import { deleteVolume } from "../volumes.ts";
import { describe, readBacking } from "./links.ts";
import { isData, isLink } from "./names.ts";

/** An import that still lives writes every few seconds, and gives up after three minutes of silence from the web server. */
const SILENT_SECONDS = 600;

/**
 * Removes what importers that were killed left in the pool: data that no link leads to and that nobody wrote to for ten minutes.
 * @param mine data made just now: it tells the time on the host.
 */
export async function removeRemains(libvirt: Libvirt, pool: FoundPool, mine: StorageVol, call: Call) {
  const { vols } = await attempt(`listing the volumes of pool ${pool.name}`, () =>
    libvirt.call("storagePoolListAllVolumes", { pool: pool.handle }, call),
  );
  const others = vols.filter(({ name }) => isData(name) && name !== mine.name);
  if (others.length === 0) return;
  const links = vols.filter(({ name }) => isLink(name));
  const targets = await Promise.all(links.map((link) => readBacking(libvirt, link, call)));
  const used = new Set(targets.map((target) => target?.path));
  const now = await writtenAt(libvirt, mine, call);
  for (const vol of others.filter(({ key }) => !used.has(key))) {
    const then = await writtenAt(libvirt, vol, call);
    const isSilent = now !== undefined && then !== undefined && now - then > SILENT_SECONDS;
    if (isSilent) await deleteVolume(libvirt, vol, call);
  }
}

/** By the host's clock, in seconds; undefined for a volume that is gone. */
const writtenAt = async (libvirt: Libvirt, vol: StorageVol, call: Call): Promise<number | undefined> =>
  numberOf(await describe(libvirt, vol, call), "target", "timestamps", "mtime");
