import type { CallContext, UnaryHandler } from "@virtrigaud/kit";
import { type DeleteVMResponse, EnsureState, type Operation } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { attempt, unlessGone } from "../errors.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { cloudInitVolume } from "../mapping/found-disks.ts";
import { releaseOptions } from "../mapping/release.ts";
import { retainedVolumes, retainOptions } from "../mapping/retain.ts";
import type { Parameters } from "../mapping/vm-config.ts";
import { isOurs, requireOwner } from "../ownership.ts";
import { noteSeed, removeSeed } from "../seed.ts";
import { taskOperation } from "../task.ts";
import { whenFree } from "../when-free.ts";

const complete: DeleteVMResponse = { state: EnsureState.COMPLETE, operation: undefined };
const inProgress = (operation: Operation): DeleteVMResponse => ({
  state: EnsureState.IN_PROGRESS,
  operation,
});

/** One step of the resumable ensure: power off, then remove the VM with all that was made for it. */
export const deleteVm =
  (cluster: Cluster): UnaryHandler<"deleteVm"> =>
  async ({ uid, retainDisks }, { signal, log }) =>
    cluster.turns.run(uid, signal, async () => {
      const call = { signal };
      const found = await cluster.vms.byUid(uid, call);
      if (found === undefined) {
        await removeSeed(cluster, uid, call);
        return complete;
      }
      requireOwner(found, uid);
      cluster.vms.known.changed(uid);
      // The VM was there before us, and so were its disks.
      if (!isOurs(found, uid)) return change(cluster, found, uid, releaseOptions(found.config.next), call);
      if (found.power.status === "running") return inProgress(await powerOff(cluster, found, uid, call));
      if (!retainDisks) return destroy(cluster, found, uid, call);
      return retain(cluster, found, uid, log, call);
    });

async function powerOff(
  { pve }: Cluster,
  { node, vmid, name }: ReadVm,
  uid: string,
  call: Call,
): Promise<Operation> {
  const { status: power } = pve.api(call).nodes.$(node).qemu.$(vmid);
  const upid = await attempt(`powering off VM ${name}`, () => power.stop.$post());
  return taskOperation("power-off", uid, upid);
}

async function destroy(
  cluster: Cluster,
  { node, vmid, name, config }: ReadVm,
  uid: string,
  call: Call,
): Promise<DeleteVMResponse> {
  const vm = cluster.pve.api(call).nodes.$(node).qemu.$(vmid);
  noteSeed(cluster, uid, node, cloudInitVolume(config.next));
  const all = { purge: true, "destroy-unreferenced-disks": true };
  const upid = await attempt(`deleting VM ${name}`, () => unlessGone(whenFree(() => vm.$delete(all), call)));
  if (upid !== undefined) return inProgress(taskOperation("destroy", uid, upid));
  cluster.vms.known.forget(uid);
  await removeSeed(cluster, uid, call);
  return complete;
}

async function retain(
  cluster: Cluster,
  found: ReadVm,
  uid: string,
  log: CallContext["log"],
  call: Call,
): Promise<DeleteVMResponse> {
  const { next } = found.config;
  noteSeed(cluster, uid, found.node, cloudInitVolume(next));
  const done = await change(cluster, found, uid, retainOptions(next, found.vmid), call);
  await removeSeed(cluster, uid, call);
  log.info(
    { uid, vmid: found.vmid, disks: retainedVolumes(next) },
    "the disks of a deleted VM stay with its VMID",
  );
  return done;
}

/** A change of options after which the VM is nobody's. */
async function change(
  cluster: Cluster,
  { node, vmid, name, config }: ReadVm,
  uid: string,
  parameters: Parameters,
  call: Call,
): Promise<DeleteVMResponse> {
  const options = cluster.pve.api(call).nodes.$(node).qemu.$(vmid).config;
  await attempt(`releasing VM ${name}`, () =>
    unlessGone(whenFree(() => options.$put({ ...parameters, digest: config.digest }), call)),
  );
  cluster.vms.known.forget(uid);
  return complete;
}
