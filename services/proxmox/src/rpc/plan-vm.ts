import { required, type UnaryHandler } from "@virtrigaud/kit";
import type { Violation, VMSpec } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { driftLines } from "../mapping/drift.ts";
import { planExisting, type ReadVm } from "../mapping/existing.ts";
import type { FoundVm } from "../mapping/found-vm.ts";
import { planText } from "../mapping/plan-text.ts";
import { withRefused } from "../mapping/refused.ts";
import { isOurs } from "../ownership.ts";
import { markerFor, planNew } from "../planning.ts";

/** Stand for the uid and the VMID of a VM that does not exist yet. */
const noUid = "00000000-0000-0000-0000-000000000000";
const noVmid = 100;

export const planVm =
  (cluster: Cluster): UnaryHandler<"planVm"> =>
  async ({ spec, uid }, { signal }) => {
    const call = { signal };
    const asked = required(spec);
    const { vms } = await cluster.vms.listNames(call);
    const existing = uid === "" ? undefined : await cluster.vms.search(uid, vms, call);
    const marker = markerFor(uid || noUid, "", asked, existing?.vmid ?? noVmid);
    const planned = await planNew(cluster, marker, asked, { vms }, call);
    const taken = existing === undefined ? nameTaken(asked, vms) : [];
    return {
      nativeConfiguration: planText(planned.config),
      nativeFormat: "PVE qemu parameters",
      appliedCapabilities: withRefused(planned.applied, taken),
      violations: [...planned.violations, ...taken],
      advice: planned.advice,
      host: existing?.node ?? planned.plan?.node ?? "",
      drift: existing === undefined ? [] : await drift(cluster, existing, asked, uid, call),
    };
  };

/** Only what bears the uid as its own can differ from what its owner asks. */
async function drift(
  cluster: Cluster,
  found: ReadVm,
  spec: VMSpec,
  uid: string,
  call: Call,
): Promise<string[]> {
  if (!isOurs(found, uid)) return [];
  const marker = markerFor(uid, "", spec, found.vmid);
  const inventory = await cluster.inventory(call);
  return driftLines(planExisting({ marker, spec, inventory, settings: cluster.settings }, found).changes);
}

function nameTaken({ name }: VMSpec, vms: readonly FoundVm[]): Violation[] {
  const holder = vms.find((vm) => vm.name === name);
  if (holder === undefined) return [];
  const description = `the name ${name} is taken by VM ${holder.vmid}; choose another name`;
  return [{ field: "spec.name", reason: "NAME_TAKEN", description }];
}
