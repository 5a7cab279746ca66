import { randomBytes } from "node:crypto";
import { ProviderError, status } from "@virtrigaud/kit";
import type { Snapshot } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { type Domain, type DomainSnapshot, ErrorCode, flags, type Libvirt } from "./client/index.ts";
import { attempt, unlessGone } from "./errors.ts";
import type { Host } from "./host.ts";
import type { FoundPool } from "./pools.ts";
import { refreshPool } from "./refresh-pool.ts";
import { type FoundSnapshot, readSnapshot, snapshotMessages } from "./mapping/snapshots.ts";

/** A snapshot of a domain with the handle to call it by. */
export interface HeldSnapshot extends FoundSnapshot {
  readonly handle: DomainSnapshot;
}

/** Every snapshot of a domain, in two waves of calls. */
export async function readSnapshots(libvirt: Libvirt, domain: Domain, call: Call): Promise<HeldSnapshot[]> {
  return attempt(`listing the snapshots of VM ${domain.name}`, async () => {
    const { snapshots } = await libvirt.call("domainListAllSnapshots", { domain }, call);
    const found = await Promise.all(
      snapshots.map(async (snapshot) => {
        const read = libvirt.call(
          "domainSnapshotGetXmlDesc",
          { snapshot, flags: flags.DomainXml.SECURE },
          call,
        );
        const answer = await unlessGone(read, ErrorCode.NO_DOMAIN_SNAPSHOT);
        return answer && { ...readSnapshot(answer.xml), handle: snapshot };
      }),
    );
    return found.filter((snapshot) => snapshot !== undefined);
  });
}

/** The id of the snapshot that a domain's present state descends from; undefined when there is none. */
export async function currentSnapshot(
  libvirt: Libvirt,
  domain: Domain,
  call: Call,
): Promise<string | undefined> {
  const current = await attempt(`reading the current snapshot of VM ${domain.name}`, () =>
    unlessGone(libvirt.call("domainSnapshotCurrent", { domain }, call), ErrorCode.NO_DOMAIN_SNAPSHOT),
  );
  return current?.snapshot.name;
}

/** All snapshots of a domain, parents before children. */
export async function listed(libvirt: Libvirt, domain: Domain, call: Call): Promise<Snapshot[]> {
  const [found, current] = await Promise.all([
    readSnapshots(libvirt, domain, call),
    currentSnapshot(libvirt, domain, call),
  ]);
  return snapshotMessages(found, current);
}

/** The snapshot with an id. @throws NOT_FOUND. */
export async function snapshotOf(
  libvirt: Libvirt,
  domain: Domain,
  id: string,
  call: Call,
): Promise<HeldSnapshot> {
  const found = (await readSnapshots(libvirt, domain, call)).find((snapshot) => snapshot.id === id);
  if (found !== undefined) return found;
  throw new ProviderError({
    code: status.NOT_FOUND,
    reason: "SNAPSHOT_NOT_FOUND",
    message: `VM ${domain.name} has no snapshot ${id}`,
  });
}

/** Makes the names of files unique. */
export const newMark = (): string => randomBytes(5).toString("hex");

/** Files that QEMU made beside a pool's other volumes are volumes only after this. */
export async function refreshPoolsOf(host: Host, paths: readonly string[], call: Call): Promise<void> {
  const hasOne = ({ active, path: folder }: FoundPool) =>
    active && paths.some((path) => path.startsWith(`${folder}/`));
  await host.onPools(call, (pools) =>
    Promise.all(pools.filter(hasOne).map((pool) => refreshPool(host.libvirt, pool, call))),
  );
}

/** The same where one of the files is no volume yet: a daemon that was killed may have come to make them only. */
export async function refreshIfUnseen(host: Host, paths: readonly string[], call: Call): Promise<void> {
  const seen = await attempt("looking for the files of a snapshot", () =>
    Promise.all(
      paths.map((path) =>
        unlessGone(host.libvirt.call("storageVolLookupByPath", { path }, call), ErrorCode.NO_STORAGE_VOL),
      ),
    ),
  );
  if (seen.includes(undefined)) await refreshPoolsOf(host, paths, call);
}
