import { required, type UnaryHandler } from "@virtrigaud/kit";
import {
  EnsureState,
  type KnobChange,
  type Operation,
  type ReconfigureVMResponse,
  RestartPolicy,
  View,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import type { Change } from "../mapping/drift.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { restartReasons } from "../mapping/found-config.ts";
import { observe } from "../mapping/observation.ts";
import { markerOf, notFound } from "../ownership.ts";
import { markerFor } from "../planning.ts";
import { withGuest } from "../read-vm.ts";
import { requireOurs } from "../require-ours.ts";
import { planReshape, reshape } from "../reshape.ts";
import { taskOperation } from "../task.ts";

/** How long a guest may take to shut down for its restart, in seconds. */
const shutdownSeconds = 120;

/** One step of the ensure: what differs is stored; what waits for a restart gets one where the policy allows it. */
export const reconfigureVm =
  (cluster: Cluster): UnaryHandler<"reconfigureVm"> =>
  async ({ uid, spec, restartPolicy }, { signal }) => {
    const call = { signal };
    const asked = required(spec);
    return cluster.turns.run(uid, signal, async () => {
      const found = await cluster.vms.owned(uid, call);
      requireOurs(found, uid);
      const held = markerOf(found);
      const marker = markerFor(uid, held?.controllerId ?? "", asked, found.vmid);
      const plan = await planReshape(cluster, found, marker, asked, call);
      const isSame = plan.changes.length === 0 && held?.specFingerprint === marker.specFingerprint;
      const operation = isSame
        ? undefined
        : await reshape(cluster, found, plan, { marker, spec: asked }, call);
      const knobs = plan.changes.map(knobOf);
      if (operation !== undefined) return inProgress(operation, knobs);
      const now = isSame ? found : await lookAgain(cluster, found, call);
      const mayRestart = restartPolicy === RestartPolicy.IF_NEEDED && now.power.status === "running";
      if (mayRestart && restartReasons(now.config).length > 0)
        return inProgress(await restart(cluster, now, uid, call), knobs);
      return complete(cluster, now, knobs, call);
    });
  };

const knobOf = ({ feature, subject, effect, description }: Change): KnobChange => ({
  feature,
  subject,
  effect,
  description,
});

async function lookAgain(cluster: Cluster, found: ReadVm, call: Call): Promise<ReadVm> {
  const now = await cluster.vms.read(found, call);
  if (now === undefined) throw notFound(`VM ${found.name} was removed meanwhile`);
  return now;
}

/** Proxmox VE itself starts the VM again when it has stopped, so that a daemon that dies meanwhile leaves none switched off. */
async function restart(
  cluster: Cluster,
  { node, vmid, name }: ReadVm,
  uid: string,
  call: Call,
): Promise<Operation> {
  const { status: power } = cluster.pve.api(call).nodes.$(node).qemu.$(vmid);
  cluster.vms.known.changed(uid);
  const upid = await attempt(`restarting VM ${name}`, () => power.reboot.$post({ timeout: shutdownSeconds }));
  return taskOperation("restart", uid, upid);
}

const inProgress = (operation: Operation, changes: KnobChange[]): ReconfigureVMResponse => ({
  state: EnsureState.IN_PROGRESS,
  operation,
  vm: undefined,
  changes,
});

async function complete(
  cluster: Cluster,
  found: ReadVm,
  changes: KnobChange[],
  call: Call,
): Promise<ReconfigureVMResponse> {
  const [sight, seen] = await Promise.all([cluster.sight(call), withGuest(cluster.pve, found, call)]);
  return { state: EnsureState.COMPLETE, operation: undefined, vm: observe(seen, sight, View.FULL), changes };
}
