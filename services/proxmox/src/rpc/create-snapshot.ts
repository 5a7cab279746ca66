import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import type { CreateSnapshotRequest, Operation, Snapshot } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { nestedGuard } from "../mapping/nested-guard.ts";
import { snapshotNotes } from "../mapping/snapshot-notes.ts";
import { doneOperation } from "../operation-name.ts";
import { notRunning } from "../power.ts";
import { listed, requireSnapshotName } from "../snapshots.ts";
import { taskOperation } from "../task.ts";

export const createSnapshot =
  (cluster: Cluster): UnaryHandler<"createSnapshot"> =>
  async (request, { signal }) => {
    requireSnapshotName(request.name);
    const found = await cluster.vms.owned(request.uid, { signal });
    const existing = (await listed(cluster, found, { signal })).find(({ id }) => id === request.name);
    if (existing !== undefined) return { operation: whenSame(existing, found, request) };
    refuse(found, request);
    if (request.quiesce) await requireAgent(cluster, found, { signal });
    return { operation: await take(cluster, found, request, { signal }) };
  };

function whenSame(existing: Snapshot, { name: vm }: ReadVm, request: CreateSnapshotRequest): Operation {
  if (existing.includesMemory === request.includeMemory && existing.quiesced === request.quiesce)
    return {
      ...doneOperation("create snapshot: already there"),
      result: { $case: "snapshot", value: existing },
    };
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "NAME_TAKEN",
    message: `VM ${vm} has a snapshot ${request.name} with other options; choose another name`,
  });
}

function refuse({ name, config, power }: ReadVm, request: CreateSnapshotRequest): void {
  const { includeMemory, quiesce } = request;
  if ((includeMemory || quiesce) && power.status !== "running")
    throw notRunning(`taking a snapshot of VM ${name}`);
  if (!includeMemory) return;
  const message = nestedGuard(name, config.current, "a snapshot with memory", request.overrideNestedGuard);
  if (message !== undefined)
    throw new ProviderError({ code: status.FAILED_PRECONDITION, reason: "NESTED_GUEST_GUARD", message });
}

/** Proxmox VE freezes the file systems of a guest whose agent answers, and goes on without where none does. */
async function requireAgent({ pve }: Cluster, { node, vmid, name }: ReadVm, call: Call): Promise<void> {
  const { agent } = pve.api(call).nodes.$(node).qemu.$(vmid);
  await attempt(`quiescing VM ${name}`, () => agent.ping.$post());
}

async function take(
  cluster: Cluster,
  { node, vmid, name: vm }: ReadVm,
  { uid, name, description, includeMemory, quiesce }: CreateSnapshotRequest,
  call: Call,
): Promise<Operation> {
  const { snapshot } = cluster.pve.api(call).nodes.$(node).qemu.$(vmid);
  const notes = snapshotNotes(description, quiesce);
  const parameters = {
    snapname: name,
    ...(notes === "" ? {} : { description: notes }),
    ...(includeMemory ? { vmstate: true } : {}),
  };
  const upid = await attempt(`taking snapshot ${name} of VM ${vm}`, () => snapshot.$post(parameters));
  cluster.vms.known.changed(uid);
  return taskOperation(quiesce ? "quiesced-snapshot" : "snapshot", uid, upid, name);
}
