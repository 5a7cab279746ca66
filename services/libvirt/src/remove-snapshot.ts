import type { Call } from "./call.ts";
import { ErrorCode, flags, LibvirtError } from "./client/index.ts";
import { attempt, unlessGone } from "./errors.ts";
import type { Host } from "./host.ts";
import { diskDevices, fileOf } from "./mapping/found-disks.ts";
import { readSnapshots, refreshPoolsOf } from "./snapshots.ts";
import { deleteVolume } from "./volumes.ts";

/** Merging large files takes its time. */
const mergeDeadlineMs = 60 * 60_000;

/**
 * libvirt merges the files of a snapshot where they are in one line with the present state, which gives their space back; since 9.0. Where it
 * cannot, the snapshot is forgotten and its files stay below the present ones until the VM is deleted.
 */
export async function removeSnapshot(host: Host, uid: string, id: string, call: Call): Promise<undefined> {
  const { libvirt } = host;
  const { domain, stored } = await host.domains.owned(uid, call);
  const snapshot = (await readSnapshots(libvirt, domain, call)).find((one) => one.id === id);
  if (snapshot === undefined) return undefined;
  const { handle } = snapshot;
  try {
    await libvirt.call(
      "domainSnapshotDelete",
      { snapshot: handle },
      { ...call, deadlineMs: mergeDeadlineMs },
    );
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    const { METADATA_ONLY } = flags.SnapshotDelete;
    await attempt(`deleting snapshot ${snapshot.name} of VM ${domain.name}`, () =>
      unlessGone(
        libvirt.call("domainSnapshotDelete", { snapshot: handle, flags: METADATA_ONLY }, call),
        ErrorCode.NO_DOMAIN_SNAPSHOT,
      ),
    );
  }
  await refreshPoolsOf(host, diskDevices(stored).map(fileOf), call);
  if (snapshot.memoryFile !== undefined) await removeMemory(host, snapshot.memoryFile, call);
  const now = await host.domains.read(domain, call);
  if (now !== undefined) host.inventory.note(now);
  return undefined;
}

async function removeMemory({ libvirt }: Host, path: string, call: Call): Promise<void> {
  const held = await attempt(`looking up ${path}`, () =>
    unlessGone(libvirt.call("storageVolLookupByPath", { path }, call), ErrorCode.NO_STORAGE_VOL),
  );
  if (held !== undefined) await deleteVolume(libvirt, held.vol, call);
}
