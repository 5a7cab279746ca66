import { failedPrecondition, ProviderError, status } from "@virtrigaud/kit";
import type { Operation, VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { isRefused, providerError } from "./errors.ts";
import type { Listing } from "./listing.ts";
import type { ReadVm } from "./mapping/existing.ts";
import type { FoundVm } from "./mapping/found-vm.ts";
import { effectiveSpec, type Plan } from "./mapping/plan.ts";
import { othersMaking, undecided } from "./others-making.ts";
import { unfinishedName } from "./ownership.ts";
import { markerFor, planInput, planNew } from "./planning.ts";
import { uploadSeed } from "./seed.ts";
import { taskOperation } from "./task.ts";
import { chooseVmid, nextVmid } from "./vmid.ts";

/** Whose the VM shall be, and what. */
export interface Wish {
  readonly uid: string;
  readonly controllerId: string;
  readonly spec: VMSpec;
}

/** A VM that is there, or the task that makes one. */
export type Made = { found: ReadVm } | { operation: Operation };

/** How often a VMID is lost to others until the caller has to repeat the call. */
const mostRaces = 20;

/** Finds the VM of a uid that this daemon does not know of, or starts making it. Of all callers, here or elsewhere, one makes it. */
export async function findOrMake(cluster: Cluster, wish: Wish, call: Call): Promise<Made> {
  // Read before the turn is taken that all callers share.
  await planInput(cluster, wish.spec, call);
  return withVmid(cluster, wish.uid, call, async (vmidOf, listing) => {
    requireFreeName(wish.spec.name, wish.uid, listing.vms);
    const vmid = vmidOf();
    const marker = markerFor(wish.uid, wish.controllerId, wish.spec, vmid);
    const { plan, violations } = await planNew(cluster, marker, wish.spec, listing, call);
    if (plan === undefined) throw failedPrecondition(violations);
    const upload = plan.seed && (await uploadSeed(cluster, wish.uid, plan.node, plan.seed, call));
    return upload ?? begin(cluster, wish, plan, vmid, call);
  });
}

/** What is done with a VMID that is free at this moment; answers the task that takes it. */
export type Taking = (vmidOf: () => number, listing: Listing) => Promise<Operation>;

/**
 * Looks for the VM of a uid and has it made where there is none. Two daemons that do so at once take the same VMID, of which Proxmox VE
 * lets one succeed: the free VMID is asked for first, then all VMs are looked at, and what is being made by others is waited for. Within the
 * daemon one caller does it at a time.
 */
export async function withVmid(cluster: Cluster, uid: string, call: Call, take: Taking): Promise<Made> {
  const refused = new Set<number>();
  for (;;) {
    let vmid = 0;
    try {
      return await cluster.turns.run("vmid", call.signal, () =>
        look(cluster, uid, call, async (next, listing) => {
          const choose = () => {
            vmid = chooseVmid(next, cluster.settings, listing, refused);
            return vmid;
          };
          return { operation: await take(choose, listing) };
        }),
      );
    } catch (error) {
      if (!isRefused(error, "VMID_TAKEN") || refused.size === mostRaces)
        throw providerError(`making the VM of ${uid}`, error);
      refused.add(vmid);
    }
  }
}

async function look(
  cluster: Cluster,
  uid: string,
  call: Call,
  make: (next: number, listing: Listing) => Promise<Made>,
): Promise<Made> {
  const looked = new Set<number>();
  for (;;) {
    const next = await nextVmid(cluster, call);
    const listing = await cluster.vms.listNames(call);
    const found = await cluster.vms.search(uid, listing.vms, call);
    if (found !== undefined) return { found };
    const open = undecided(cluster, listing.vms).filter(({ vmid }) => !looked.has(vmid));
    if (open.length === 0) return make(next, listing);
    const operation = await othersMaking(cluster, uid, open, call);
    if (operation !== undefined) return { operation };
    // One that has ended between the two looks shows its owner now; the others are not ours.
    for (const { vmid } of open) looked.add(vmid);
  }
}

/** Proxmox VE lets VMs share a name; callers of this contract must not. */
export function requireFreeName(name: string, uid: string, vms: readonly FoundVm[]): void {
  const holder = vms.find((vm) => vm.name === name);
  if (holder === undefined) return;
  const { vmid, node } = holder;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "NAME_TAKEN",
    message: `the name ${name} is taken by VM ${vmid} on node ${node}, which is not ${uid}'s; choose another name`,
  });
}

async function begin(
  cluster: Cluster,
  { uid, spec }: Wish,
  plan: Plan,
  vmid: number,
  call: Call,
): Promise<Operation> {
  const { nodes } = cluster.pve.api(call);
  const { node, clone, create } = plan;
  const making =
    clone === undefined
      ? await nodes.$(node).qemu.$post({ vmid, ...create })
      : await nodes
          .$(clone.from.node)
          .qemu.$(clone.from.vmid)
          .clone.$post({ ...clone.parameters, newid: vmid, name: unfinishedName(uid) });
  cluster.vms.known.began(uid, { node, vmid, name: spec.name, making });
  cluster.reservations.note(vmid, effectiveSpec(spec).spec);
  return taskOperation(clone === undefined ? "create" : "clone", uid, making);
}
