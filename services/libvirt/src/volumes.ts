import type { Call } from "./call.ts";
import { ErrorCode, flags, type Libvirt, type StorageVol } from "./client/index.ts";
import { attempt, isRefused, unlessGone } from "./errors.ts";
import type { FoundPool } from "./pools.ts";
import type { DiskVolume } from "./mapping/applied-disks.ts";
import { diskDevices, fileOf } from "./mapping/found-disks.ts";
import type { Volume } from "./mapping/volumes.ts";
import { type Element, first, numberOf, parseXml, textOf } from "./mapping/xml.ts";

/** What is known of the volumes of a domain's disks; one that no pool knows is left out. */
export async function readVolumes(libvirt: Libvirt, described: Element, call: Call): Promise<DiskVolume[]> {
  const paths = diskDevices(described)
    .map(fileOf)
    .filter((path) => path !== "");
  const found = await Promise.all(paths.map((path) => readVolume(libvirt, path, call)));
  return found.filter((volume) => volume !== undefined);
}

async function readVolume(libvirt: Libvirt, path: string, call: Call): Promise<DiskVolume | undefined> {
  const { NO_STORAGE_VOL, NO_STORAGE_POOL } = ErrorCode;
  const found = await unlessGone(describe(libvirt, path, call), NO_STORAGE_VOL, NO_STORAGE_POOL);
  if (found === undefined) return undefined;
  const xml = parseXml(found.xml);
  const capacityBytes = numberOf(xml, "capacity");
  const backing = textOf(first(xml, "backingStore"), "path");
  return {
    path,
    pool: found.vol.pool,
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
    ...(backing === undefined ? {} : { backing }),
    preallocate: capacityBytes !== undefined && (numberOf(xml, "allocation") ?? 0) >= capacityBytes,
  };
}

async function describe(libvirt: Libvirt, path: string, call: Call) {
  const { vol } = await libvirt.call("storageVolLookupByPath", { path }, call);
  const { xml } = await libvirt.call("storageVolGetXmlDesc", { vol }, call);
  return { vol, xml };
}

/**
 * Makes a volume; answers whether it was made now. One that is there already is an earlier attempt's, for its name holds the VM's uid, and is
 * kept: it may hold data.
 */
export async function ensureVolume(
  libvirt: Libvirt,
  { name, xml, preallocate }: Volume,
  pool: FoundPool,
  call: Call,
): Promise<boolean> {
  const bits = preallocate ? flags.VolCreate.PREALLOC_METADATA : 0;
  return attempt(`making volume ${name} in pool ${pool.name}`, async () => {
    try {
      await libvirt.call("storageVolCreateXml", { pool: pool.handle, xml, flags: bits }, call);
      return true;
    } catch (error) {
      if (isRefused(error, ErrorCode.STORAGE_VOL_EXIST)) return false;
      throw error;
    }
  });
}

/** Removes a volume; one that is gone is a success. */
export async function deleteVolume(libvirt: Libvirt, vol: StorageVol, call: Call): Promise<void> {
  await attempt(`deleting volume ${vol.name} of pool ${vol.pool}`, () =>
    unlessGone(libvirt.call("storageVolDelete", { vol }, call), ErrorCode.NO_STORAGE_VOL),
  );
}

/** The handle of a volume that a file pool holds by this name: there the key is the path. */
export const volumeIn = (pool: FoundPool, name: string): StorageVol => ({
  pool: pool.name,
  name,
  key: `${pool.path}/${name}`,
});

/** Everything that was made for a uid in the pools, by its name: disks, seeds, and what an interrupted call left. */
export async function volumesOf(
  libvirt: Libvirt,
  uid: string,
  pools: readonly FoundPool[],
  call: Call,
): Promise<StorageVol[]> {
  const lists = await Promise.all(
    pools
      .filter(({ active }) => active)
      .map(({ name, handle }) =>
        attempt(`listing the volumes of pool ${name}`, () =>
          unlessGone(
            libvirt.call("storagePoolListAllVolumes", { pool: handle }, call),
            // Stopped, or gone, since the pools were read.
            ErrorCode.OPERATION_INVALID,
            ErrorCode.NO_STORAGE_POOL,
          ),
        ),
      ),
  );
  return lists.flatMap((list) => list?.vols ?? []).filter(({ name }) => name.startsWith(`${uid}-`));
}
