import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import type { Listing } from "./listing.ts";
import { listOf, numberOf } from "./mapping/json.ts";

/** The lowest free VMID as Proxmox VE sees it, VMs that the token may not see included. It reserves nothing. */
export async function nextVmid(cluster: Cluster, call: Call): Promise<number> {
  const answer = await attempt("looking for a free VMID", () => cluster.pve.api(call).cluster.nextid.$get());
  return Number(answer);
}

/**
 * The VMID to try: the cluster's next one, or where the operator gave another range the lowest of it that no list shows.
 * @param refused VMIDs that turned out to be taken.
 */
export function chooseVmid(
  next: number,
  { vmids: { first, last } }: Cluster["settings"],
  { resources }: Pick<Listing, "resources">,
  refused: ReadonlySet<number>,
): number {
  if (next >= first && next <= last) return next;
  const taken = new Set(listOf(resources).flatMap(({ vmid }) => numberOf(vmid) ?? []));
  for (let vmid = first; vmid <= last; vmid += 1) if (!taken.has(vmid) && !refused.has(vmid)) return vmid;
  throw new ProviderError({
    code: status.RESOURCE_EXHAUSTED,
    reason: "VMIDS_EXHAUSTED",
    message: `every VMID from ${first} to ${last} is taken; widen vmids in the provider's configuration`,
  });
}
