import type { Call } from "./call.ts";
import { type Domain, ErrorCode, flags } from "./client/index.ts";
import { attempt, unlessGone } from "./errors.ts";
import type { Host } from "./host.ts";
import { diskDevices, diskName, fileOf } from "./mapping/found-disks.ts";
import { overlayName } from "./mapping/names.ts";
import { withDiskFiles } from "./mapping/snapshots.ts";
import { overlayXml } from "./mapping/volumes.ts";
import { type Element, parseXml, renderXml } from "./mapping/xml.ts";
import { type FoundPool } from "./pools.ts";
import { powerOff, startedWithPort } from "./power.ts";
import { type HeldSnapshot, newMark, readSnapshots, snapshotOf } from "./snapshots.ts";
import { deleteVolume } from "./volumes.ts";

/**
 * Brings a VM back: each disk goes on in a new file on top of the one that the snapshot froze, and the definition is that of then. libvirt itself
 * reverts to external snapshots only from 9.10 on. The definition is stored before anything is removed: cut off before, nothing has changed;
 * cut off after, a file of the given-up state stays until the VM is deleted.
 */
export async function revert(host: Host, uid: string, id: string, call: Call): Promise<undefined> {
  const { libvirt } = host;
  const { domain, stored, live, hasManagedSave } = await host.domains.owned(uid, call);
  const snapshot = await snapshotOf(libvirt, domain, id, call);
  const files = await branch(host, uid, snapshot, call);
  if (live !== undefined || hasManagedSave) await powerOff(libvirt, domain, call);
  const definition = renderXml(withDiskFiles(snapshot.domain, files));
  await attempt(`storing VM ${domain.name} as of snapshot ${snapshot.name}`, () =>
    libvirt.call("domainDefineXmlFlags", { xml: definition }, call),
  );
  await makeCurrent(host, domain, snapshot, call);
  await dropUnused(host, domain, stored, call);
  if (snapshot.memoryFile !== undefined) await restoreMemory(host, domain, snapshot.memoryFile, files, call);
  const now = await host.domains.read(domain, call);
  if (now !== undefined) host.inventory.note(now);
  return undefined;
}

/** A new file on top of each frozen one; answers new by frozen. */
async function branch(
  host: Host,
  uid: string,
  { domain }: HeldSnapshot,
  call: Call,
): Promise<ReadonlyMap<string, string>> {
  const pools = await host.pools(call);
  const mark = newMark();
  const files = new Map<string, string>();
  for (const device of diskDevices(domain)) {
    const frozen = fileOf(device);
    const pool = poolHolding(pools, frozen);
    const name = overlayName(uid, diskName(device, uid), mark);
    const { xml } = await attempt(`reading volume ${frozen}`, async () => {
      const { vol } = await host.libvirt.call("storageVolLookupByPath", { path: frozen }, call);
      return host.libvirt.call("storageVolGetXmlDesc", { vol }, call);
    });
    await attempt(`making volume ${name}`, () =>
      host.libvirt.call(
        "storageVolCreateXml",
        { pool: pool.handle, xml: overlayXml(name, frozen, parseXml(xml)) },
        call,
      ),
    );
    files.set(frozen, `${pool.path}/${name}`);
  }
  return files;
}

function poolHolding(pools: readonly FoundPool[], path: string): FoundPool {
  const pool = pools.find((one) => one.active && path.startsWith(`${one.path}/`));
  if (pool === undefined) throw new Error(`${path} is in no active pool`);
  return pool;
}

/** What is taken next descends from this snapshot. */
async function makeCurrent(
  host: Host,
  domain: Domain,
  { xml, name }: HeldSnapshot,
  call: Call,
): Promise<void> {
  const { REDEFINE, CURRENT } = flags.SnapshotCreate;
  await attempt(`making snapshot ${name} the current one`, () =>
    host.libvirt.call("domainSnapshotCreateXml", { domain, xml, flags: REDEFINE | CURRENT }, call),
  );
}

/** The files of the state that was given up, unless a snapshot froze them too. */
async function dropUnused({ libvirt }: Host, domain: Domain, before: Element, call: Call): Promise<void> {
  const snapshots = await readSnapshots(libvirt, domain, call);
  const frozen = new Set(snapshots.flatMap((one) => diskDevices(one.domain).map(fileOf)));
  for (const path of diskDevices(before).map(fileOf)) {
    if (frozen.has(path)) continue;
    const held = await attempt(`looking up volume ${path}`, () =>
      unlessGone(libvirt.call("storageVolLookupByPath", { path }, call), ErrorCode.NO_STORAGE_VOL),
    );
    if (held !== undefined) await deleteVolume(libvirt, held.vol, call);
  }
}

async function restoreMemory(
  { libvirt }: Host,
  domain: Domain,
  file: string,
  files: ReadonlyMap<string, string>,
  call: Call,
): Promise<void> {
  await attempt(`restoring the memory of VM ${domain.name}`, async () => {
    const saved = await libvirt.call("domainSaveImageGetXmlDesc", { file }, call);
    const xml = renderXml(withDiskFiles(parseXml(saved.xml), files));
    const options = { ...call, deadlineMs: restoreDeadlineMs };
    await startedWithPort(() => libvirt.call("domainRestoreFlags", { from: file, xml }, options));
  });
}

/** A large memory on a slow disk takes its time. */
const restoreDeadlineMs = 60 * 60_000;
