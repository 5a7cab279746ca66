import { canonicalSpec, specFingerprint } from "@virtrigaud/kit";
import type { VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import type { FoundVm } from "./mapping/found-vm.ts";
import { findTemplate } from "./mapping/image.ts";
import type { Marker } from "./mapping/ownership.ts";
import { effectiveSpec, type Planned, type PlanInput, planVm } from "./mapping/plan.ts";
import { Problems } from "./mapping/problems.ts";
import { reserves, withReserved } from "./reservations.ts";

/** The marker that a VM of this owner and spec is stamped with. */
export const markerFor = (uid: string, controllerId: string, spec: VMSpec, vmid: number): Marker => ({
  uid,
  controllerId,
  specFingerprint: specFingerprint(spec),
  canonicalSpec: canonicalSpec(spec),
  vmid,
});

/** What a new VM is planned beside. */
export interface Surroundings {
  /** All VMs, as they were just listed. */
  readonly vms: readonly FoundVm[];
}

/**
 * Plans a new VM on the inventory as it was last read; a refusal is only believed of a fresh one, since what is missing may have been
 * made a moment ago.
 */
export async function planNew(
  cluster: Cluster,
  marker: Marker,
  spec: VMSpec,
  around: Surroundings,
  call: Call,
): Promise<Planned> {
  const planned = await planOnce(cluster, marker, spec, around, call);
  if (planned.violations.length === 0 || !cluster.refresh()) return planned;
  return planOnce(cluster, marker, spec, around, call);
}

async function planOnce(
  cluster: Cluster,
  marker: Marker,
  spec: VMSpec,
  { vms }: Surroundings,
  call: Call,
): Promise<Planned> {
  const input = { ...(await planInput(cluster, spec, call)), marker };
  if (!reserves(effectiveSpec(spec).spec)) return planVm(input);
  const inventory = await withReserved(cluster, input.inventory, vms, marker.uid, call);
  return planVm({ ...input, inventory });
}

/** What a plan is made of, the owner apart. */
export async function planInput(
  cluster: Cluster,
  spec: VMSpec,
  call: Call,
): Promise<Omit<PlanInput, "marker">> {
  const inventory = await cluster.inventory(call);
  const entry = spec.image && findTemplate(spec.image, inventory.templates, new Problems());
  const template = entry && (await cluster.template(entry, call));
  return { spec, inventory, settings: cluster.settings, template };
}
