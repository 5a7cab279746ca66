import { failedPrecondition, invalidArgument } from "@virtrigaud/kit";
import type { Operation, VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import { type ExistingPlan, planExisting, type ReadVm } from "./mapping/existing.ts";
import { type Marker, requestedSpec } from "./mapping/ownership.ts";
import { effectiveSpec } from "./mapping/plan.ts";
import { markerOf, notFound } from "./ownership.ts";
import { reservesMore, withReserved } from "./reservations.ts";
import { taskOperation } from "./task.ts";
import { whenFree } from "./when-free.ts";

/** What differs between a VM and what is asked of it. @throws INVALID_ARGUMENT, or FAILED_PRECONDITION with every refusal. */
export async function planReshape(
  cluster: Cluster,
  found: ReadVm,
  marker: Marker,
  spec: VMSpec,
  call: Call,
): Promise<ExistingPlan> {
  const planned = await planAmongOthers(cluster, found, marker, spec, call);
  if (planned.invalid.length > 0) throw invalidArgument(planned.invalid);
  if (planned.violations.length > 0) throw failedPrecondition(planned.violations);
  return planned;
}

/** What others were promised is only looked at where this VM asks for more than it was promised already. */
async function planAmongOthers(
  cluster: Cluster,
  found: ReadVm,
  marker: Marker,
  spec: VMSpec,
  call: Call,
): Promise<ExistingPlan> {
  const inventory = await cluster.inventory(call);
  const input = { marker, spec, inventory, settings: cluster.settings };
  const planned = planExisting(input, found);
  const asked = requestedSpec(markerOf(found));
  const before = asked && effectiveSpec(asked).spec;
  if (!reservesMore(effectiveSpec(spec).spec, before)) return planned;
  const { vms } = await cluster.vms.listNames(call);
  const among = await withReserved(cluster, inventory, vms, marker.uid, call);
  return planExisting({ ...input, inventory: among }, found);
}

/**
 * Takes the next steps to what was planned: disks grow first, a task each, then everything else in one change with the marker, so that a call
 * that is cut off is repeated as a whole. Answers the task that has to end before the next step; undefined when all is stored.
 */
export async function reshape(
  cluster: Cluster,
  found: ReadVm,
  plan: ExistingPlan,
  wish: { marker: Marker; spec: VMSpec },
  call: Call,
): Promise<Operation | undefined> {
  const { node, vmid, name } = found;
  const { uid } = wish.marker;
  const { config } = cluster.pve.api(call).nodes.$(node).qemu.$(vmid);
  cluster.vms.known.changed(uid);
  const upid = await attempt(`growing a disk of VM ${name}`, () => grow(cluster, found, plan, call));
  if (upid !== undefined) return taskOperation("resize", uid, upid);
  const { parameters } = plan.resizes.length === 0 ? plan : await planAgain(cluster, found, wish, call);
  await attempt(`changing VM ${name}`, () => whenFree(() => config.$put(parameters), call));
  cluster.reservations.note(vmid, effectiveSpec(wish.spec).spec);
  return undefined;
}

/** Grows the first disk that has to; up to 7, where it is done at once, all of them. */
async function grow(
  { pve }: Cluster,
  { node, vmid }: ReadVm,
  { resizes }: ExistingPlan,
  call: Call,
): Promise<string | undefined> {
  const { resize } = pve.api(call).nodes.$(node).qemu.$(vmid);
  for (const { disk, size } of resizes) {
    const upid: unknown = await whenFree(() => resize.$put({ disk: disk as "scsi0", size }), call);
    if (typeof upid === "string") return upid;
  }
  return undefined;
}

/** A disk that has grown has changed the configuration. */
async function planAgain(
  cluster: Cluster,
  { node, vmid, name }: ReadVm,
  { marker, spec }: { marker: Marker; spec: VMSpec },
  call: Call,
): Promise<ExistingPlan> {
  const now = await cluster.vms.read({ node, vmid }, call);
  if (now === undefined) throw notFound(`VM ${name} was removed meanwhile`);
  return planReshape(cluster, now, marker, spec, call);
}
