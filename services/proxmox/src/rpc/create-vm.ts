import { ProviderError, required, status, type UnaryHandler } from "@virtrigaud/kit";
import { type CreateVMResponse, EnsureState, type Operation, PowerState, View } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { finishClone, isUnfinished } from "../finish-clone.ts";
import { findOrMake, type Made, type Wish } from "../make-vm.ts";
import { making } from "../making.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { observe } from "../mapping/observation.ts";
import type { Marker } from "../mapping/ownership.ts";
import { powerState } from "../mapping/power-state.ts";
import { markerOf, notFound, requireOwner } from "../ownership.ts";
import { markerFor } from "../planning.ts";
import { planReshape, reshape } from "../reshape.ts";

/** One step of the resumable ensure: look, then do what is due, at most one task at a time. */
export const createVm =
  (cluster: Cluster): UnaryHandler<"createVm"> =>
  async ({ uid, spec, controllerId }, { signal }) => {
    const wish = { uid, controllerId, spec: required(spec) };
    return cluster.turns.run(uid, signal, async () => {
      const underWay = await making(cluster, uid, "create", { signal });
      if (underWay !== undefined) return inProgress(underWay);
      const made = await findOrBegin(cluster, wish, { signal });
      return "operation" in made ? inProgress(made.operation) : finish(cluster, made.found, wish, { signal });
    });
  };

async function findOrBegin(cluster: Cluster, wish: Wish, call: Call): Promise<Made> {
  const found = await cluster.vms.byHint(wish.uid, call);
  return found === undefined ? findOrMake(cluster, wish, call) : { found };
}

async function finish(cluster: Cluster, found: ReadVm, wish: Wish, call: Call): Promise<CreateVMResponse> {
  const { uid, controllerId, spec } = wish;
  requireOwner(found, uid);
  const marker = markerFor(uid, controllerId, spec, found.vmid);
  requireSameSpec(found, marker);
  const whole = isUnfinished(found, uid) ? await finishClone(cluster, found, wish, call) : found;
  if (powerState(whole.power) !== PowerState.OFF) return complete(cluster, whole, call);
  const plan = await planReshape(cluster, whole, marker, spec, call);
  if (plan.changes.length === 0) return complete(cluster, whole, call);
  const operation = await reshape(cluster, whole, plan, { marker, spec }, call);
  if (operation !== undefined) return inProgress(operation);
  const now = await cluster.vms.read(whole, call);
  if (now === undefined) throw notFound(`VM ${spec.name} was removed meanwhile`);
  return complete(cluster, now, call);
}

const inProgress = (operation: Operation): CreateVMResponse => ({
  state: EnsureState.IN_PROGRESS,
  operation,
  vm: undefined,
});

async function complete(cluster: Cluster, found: ReadVm, call: Call): Promise<CreateVMResponse> {
  const vm = observe(found, await cluster.sight(call), View.FULL);
  return { state: EnsureState.COMPLETE, operation: undefined, vm };
}

function requireSameSpec(found: ReadVm, { uid, specFingerprint }: Marker): void {
  if (markerOf(found)?.specFingerprint === specFingerprint) return;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "SPEC_MISMATCH",
    message: `VM ${found.name} of ${uid} was made from another spec; use ReconfigureVM to change it`,
  });
}
