import { invalidArgument, type UnaryHandler, violation } from "@virtrigaud/kit";
import type { VMReference } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { observe } from "../mapping/observation.ts";
import { notFound } from "../ownership.ts";
import { withGuest } from "../read-vm.ts";

/** Reads the VM and its guest anew, whatever is known of it. */
export const getVm =
  (cluster: Cluster): UnaryHandler<"getVm"> =>
  async ({ vm, view }, { signal }) => {
    const call = { signal };
    const [found, sight] = await Promise.all([findVm(cluster, vm, call), cluster.sight(call)]);
    return { vm: observe(await withGuest(cluster.pve, found, call), sight, view) };
  };

/** The VM that a reference names. @throws NOT_FOUND */
export async function findVm({ vms }: Cluster, vm: VMReference | undefined, call: Call): Promise<ReadVm> {
  const reference = vm?.reference;
  if (reference?.$case === "uid") return vms.owned(reference.value, call);
  if (reference?.$case !== "id")
    throw invalidArgument([violation("vm", "REQUIRED", "name the VM by uid or id")]);
  const found = await vms.byId(reference.value, call);
  if (found === undefined) throw notFound(`no VM has the id ${reference.value}`);
  return found;
}
