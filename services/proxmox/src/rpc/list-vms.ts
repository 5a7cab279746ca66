import { paginate, type UnaryHandler } from "@virtrigaud/kit";
import type { VM } from "@virtrigaud/proto";
import type { Cluster } from "../cluster.ts";
import type { FoundVm } from "../mapping/found-vm.ts";
import { observe } from "../mapping/observation.ts";
import { uidOfRow } from "../mapping/ownership.ts";
import { isImage } from "../ownership.ts";
import { unhurried } from "../unhurried.ts";

/**
 * One request, whatever the number of VMs. Proxmox VE's lists tell whose a VM says to be, how it was in the last ten seconds and what it uses:
 * what is stored, and with it VIEW_FULL's spec, takes a request for each VM, which GetVM makes.
 */
export const listVms =
  (cluster: Cluster): UnaryHandler<"listVMs"> =>
  async (request, { signal }) => {
    const [{ vms: all }, sight] = await Promise.all([
      cluster.listing(request.pageToken === "", { signal }),
      cluster.sight({ signal }),
    ]);
    const wanted = all.filter((vm) => isListed(vm, request.includeUnowned));
    const { items, nextPageToken } = paginate(wanted, keyOf, request);
    const vms: VM[] = [];
    for await (const found of unhurried(items)) vms.push(observe(found, sight, request.view));
    return { vms, nextPageToken };
  };

/** Templates are no VMs, nor is what becomes one. */
export const isListed = (vm: FoundVm, includeUnowned: boolean): boolean =>
  !vm.isTemplate && !isImage(uidOfRow(vm)) && (includeUnowned || uidOfRow(vm) !== undefined);

/** VMIDs in their own order as texts. */
const keyOf = ({ vmid }: FoundVm): string => String(vmid).padStart(9, "0");
