import { type CallContext, ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import { EnsureState, OperationState } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { ErrorCode, type StorageVol } from "../client/index.ts";
import { requireOwner } from "../domains.ts";
import { attempt, isAnswered, unlessGone } from "../errors.ts";
import type { Host } from "../host.ts";
import { diskDevices, fileOf } from "../mapping/found-disks.ts";
import { seedVolumeName } from "../mapping/names.ts";
import { undefineFlags } from "../mapping/undefine.ts";
import { textOf } from "../mapping/xml.ts";
import { release } from "../ownership.ts";
import type { Found } from "../read-domain.ts";
import { refreshPoolsOf } from "../snapshots.ts";
import { deleteVolume, volumesOf } from "../volumes.ts";

/** Most deletions are done within this; the others answer with their operation. */
const patienceMs = 2_000;

/** Powers off, removes the domain with all that libvirt keeps for it, then the volumes that were made for it. Each step may have been done before. */
export const deleteVm =
  (host: Host): UnaryHandler<"deleteVm"> =>
  async ({ uid, retainDisks }, { signal, log }) => {
    const started = host.jobs.start({
      key: `delete ${uid} ${retainDisks}`,
      description: retainDisks ? "delete VM, its disks stay" : "delete VM",
      run: (job) => host.turns.run(uid, job.signal, () => removeVm(host, uid, retainDisks, job, log)),
    });
    const operation = await host.jobs.settle(started, patienceMs, signal);
    const isDone = operation.state === OperationState.SUCCEEDED;
    return isDone
      ? { state: EnsureState.COMPLETE, operation: undefined }
      : { state: EnsureState.IN_PROGRESS, operation };
  };

async function removeVm(
  host: Host,
  uid: string,
  retainDisks: boolean,
  call: Call,
  log: CallContext["log"],
): Promise<undefined> {
  const found = await host.domains.byUid(uid, call);
  if (found !== undefined) requireOwner(found, uid);
  // The domain was there before us, and so were its disks.
  if (found !== undefined && textOf(found.stored, "uuid") !== uid) return release(host, found, call);

  const volumes = await reachableVolumes(host, found, uid, retainDisks, call);
  if (found !== undefined) {
    await host.inventory.requireNoClones(uid, call);
    await removeDomain(host, found, call);
  }
  host.domains.forget(uid);
  const [going, staying] = retainDisks ? partition(volumes, uid) : [volumes, []];
  if (staying.length > 0)
    log.info({ uid, disks: staying.map(({ key }) => key) }, "the disks of a deleted VM stay");
  for (const vol of going) await deleteVolume(host.libvirt, vol, call);
  return undefined;
}

/** The seed holds what the guest was told and is of no use without it. */
function partition(volumes: readonly StorageVol[], uid: string): [StorageVol[], StorageVol[]] {
  const isSeed = ({ name }: StorageVol) => name === seedVolumeName(uid);
  return [volumes.filter(isSeed), volumes.filter((vol) => !isSeed(vol))];
}

/** What is to be deleted, or to stay. A disk of ours that is in no pool would stay behind for ever once the domain that names it is gone. */
async function reachableVolumes(
  host: Host,
  found: Found | undefined,
  uid: string,
  retainDisks: boolean,
  call: Call,
): Promise<StorageVol[]> {
  // A pool that was made a moment ago may hold some already.
  host.refresh();
  const read = async () => volumesOf(host.libvirt, uid, await host.pools(call), call);
  const volumes = await read();
  if (found === undefined || retainDisks) return volumes;
  const unseen = disksNotIn(volumes, found, uid);
  if (unseen.length === 0) return volumes;
  // Files that QEMU made for a snapshot are in no pool until somebody has it look again; whoever took it may not have come to that.
  await refreshPoolsOf(host, unseen, call).catch((error: unknown) => {
    // A pool that is stopped cannot look, which is told below.
    if (!isAnswered(error)) throw error;
  });
  const now = await read();
  const lost = disksNotIn(now, found, uid);
  if (lost.length === 0) return now;
  throw new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "STORAGE_UNREACHABLE",
    message: `disks of VM ${found.domain.name} are in no active pool: ${lost.join(", ")}; start or refresh their pool, or delete with retain_disks`,
  });
}

function disksNotIn(volumes: readonly StorageVol[], { stored }: Found, uid: string): string[] {
  const known = new Set(volumes.map(({ key }) => key));
  return diskDevices(stored)
    .map(fileOf)
    .filter((path) => path.includes(`/${uid}-`) && !known.has(path));
}

async function removeDomain(host: Host, { domain, live }: Found, call: Call): Promise<void> {
  const { libvirt } = host;
  const { NO_DOMAIN, OPERATION_INVALID } = ErrorCode;
  const { libvirtVersion } = await host.facts(call);
  if (live !== undefined)
    await attempt(`powering off VM ${domain.name}`, () =>
      unlessGone(libvirt.call("domainDestroyFlags", { domain }, call), NO_DOMAIN, OPERATION_INVALID),
    );
  await attempt(`removing domain ${domain.name}`, () =>
    unlessGone(
      libvirt.call("domainUndefineFlags", { domain, flags: undefineFlags(libvirtVersion) }, call),
      NO_DOMAIN,
    ),
  );
}
