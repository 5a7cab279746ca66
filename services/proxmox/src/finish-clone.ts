import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import type { Wish } from "./make-vm.ts";
import { type Clone, configureClone } from "./mapping/clone.ts";
import type { ReadVm } from "./mapping/existing.ts";
import { planOn } from "./mapping/node-plan.ts";
import { effectiveSpec } from "./mapping/plan.ts";
import { notFound, unfinishedName } from "./ownership.ts";
import { markerFor, planInput } from "./planning.ts";
import { failedPrecondition, ProviderError, status } from "@virtrigaud/kit";
import { whenFree } from "./when-free.ts";

/** Whether a VM is a clone that has not got its own options yet. */
export const isUnfinished = ({ name }: ReadVm, uid: string): boolean => name === unfinishedName(uid);

/** Gives a clone of a template the options of its own, all in one change, and answers it as it is then. */
export async function finishClone(cluster: Cluster, found: ReadVm, wish: Wish, call: Call): Promise<ReadVm> {
  return configure(cluster, found, await planOf(cluster, found, wish, call), wish, call);
}

/** The plan for the node that the clone is on, wherever the best place may be by now. */
async function planOf(
  cluster: Cluster,
  found: ReadVm,
  { uid, controllerId, spec }: Wish,
  call: Call,
): Promise<Clone> {
  const marker = markerFor(uid, controllerId, spec, found.vmid);
  const input = { ...(await planInput(cluster, spec, call)), marker };
  const node = input.inventory.nodes.find(({ name }) => name === found.node);
  if (node === undefined) throw new Error(`VM ${found.vmid} is on node ${found.node}, which was not read`);
  const { plan, violations } = planOn(node, effectiveSpec(spec).spec, input);
  if (violations.length > 0) throw failedPrecondition([...violations]);
  if (plan.clone === undefined) throw templateGone(found);
  return plan.clone;
}

async function configure(
  cluster: Cluster,
  { node, vmid, config }: ReadVm,
  clone: Clone,
  { uid, spec }: Wish,
  call: Call,
): Promise<ReadVm> {
  const { parameters } = configureClone(clone, config.next);
  const options = cluster.pve.api(call).nodes.$(node).qemu.$(vmid).config;
  await attempt(`configuring VM ${spec.name}`, () =>
    whenFree(() => options.$put({ ...parameters, digest: config.digest }), call),
  );
  cluster.vms.known.changed(uid);
  const now = await cluster.vms.read({ node, vmid }, call);
  if (now === undefined) throw notFound(`VM ${spec.name} was removed meanwhile`);
  return now;
}

const templateGone = ({ vmid }: ReadVm): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "IMAGE_UNKNOWN",
    message: `the template that VM ${vmid} was cloned from is gone, and with it what the VM lacks; delete the VM and make it from another image`,
  });
