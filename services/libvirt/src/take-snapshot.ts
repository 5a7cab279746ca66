import { ProviderError, status } from "@virtrigaud/kit";
import type { CreateSnapshotRequest, Snapshot } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { flags } from "./client/index.ts";
import { attempt } from "./errors.ts";
import type { Host } from "./host.ts";
import { diskDevices, fileOf } from "./mapping/found-disks.ts";
import { snapshotId, snapshotXml } from "./mapping/snapshots.ts";
import type { Found } from "./read-domain.ts";
import { listed, newMark, refreshIfUnseen, refreshPoolsOf } from "./snapshots.ts";

/** A large memory on a slow disk takes its time. */
const memoryDeadlineMs = 60 * 60_000;

export type SnapshotOptions = Pick<
  CreateSnapshotRequest,
  "name" | "description" | "includeMemory" | "quiesce"
>;

/** The snapshot of this name. @throws NAME_TAKEN where it has other options. */
export async function existingSnapshot(
  host: Host,
  { domain, stored }: Found,
  { name, includeMemory, quiesce }: SnapshotOptions,
  call: Call,
): Promise<Snapshot | undefined> {
  const existing = (await listed(host.libvirt, domain, call)).find(
    (snapshot) => snapshot.id === snapshotId(name),
  );
  if (existing === undefined) return undefined;
  if (existing.includesMemory === includeMemory && existing.quiesced === quiesce) {
    await refreshIfUnseen(host, diskDevices(stored).map(fileOf), call);
    return existing;
  }
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "NAME_TAKEN",
    message: `VM ${domain.name} has a snapshot ${name} with other options; choose another name`,
  });
}

/**
 * Takes a snapshot. It is external: each disk goes on in a new file, which works on running VMs and with every firmware.
 * One of the same name and options that is there already is the answer. The caller has the VM's turn.
 */
export async function takeSnapshot(
  host: Host,
  uid: string,
  found: Found,
  options: SnapshotOptions,
  call: Call,
): Promise<Snapshot> {
  const { name, includeMemory, quiesce } = options;
  const { domain, stored, live } = found;
  const existing = await existingSnapshot(host, found, options, call);
  if (existing !== undefined) return existing;
  const xml = snapshotXml(live ?? stored, { ...options, uid, mark: newMark() });
  const { ATOMIC, DISK_ONLY, QUIESCE } = flags.SnapshotCreate;
  const bits = (includeMemory ? 0 : DISK_ONLY) | ATOMIC | (quiesce ? QUIESCE : 0);
  await attempt(`taking snapshot ${name} of VM ${domain.name}`, () =>
    host.libvirt.call(
      "domainSnapshotCreateXml",
      { domain, xml, flags: bits },
      { ...call, deadlineMs: memoryDeadlineMs },
    ),
  );
  await refreshPoolsOf(host, diskDevices(stored).map(fileOf), call);
  const now = await host.domains.read(domain, call);
  if (now !== undefined) host.inventory.note(now);
  const taken = (await listed(host.libvirt, domain, call)).find(({ id }) => id === snapshotId(name));
  if (taken === undefined) throw new Error(`libvirt took snapshot ${name} and does not list it`);
  return taken;
}
