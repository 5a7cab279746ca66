import { ProviderError, status } from "@virtrigaud/kit";
import type { Snapshot } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import type { Place } from "./known-vms.ts";
import { withNotes } from "./mapping/snapshot-notes.ts";
import { readSnapshots } from "./mapping/snapshots.ts";

/** The snapshots of a VM, parents before children. */
export async function listed({ pve }: Cluster, { node, vmid }: Place, call: Call): Promise<Snapshot[]> {
  const { snapshot } = pve.api(call).nodes.$(node).qemu.$(vmid);
  const answer = await attempt(`listing the snapshots of VM ${vmid}`, () => snapshot.$get());
  return readSnapshots(answer).map(withNotes);
}

/** One of them. @throws NOT_FOUND SNAPSHOT_NOT_FOUND */
export async function snapshotOf(cluster: Cluster, place: Place, id: string, call: Call): Promise<Snapshot> {
  const found = (await listed(cluster, place, call)).find((snapshot) => snapshot.id === id);
  if (found !== undefined) return found;
  throw new ProviderError({
    code: status.NOT_FOUND,
    reason: "SNAPSHOT_NOT_FOUND",
    message: `VM ${place.vmid} has no snapshot ${id}`,
  });
}

/** As PVE::JSONSchema's format pve-configid, of at most 40 characters. */
const snapshotName = /^[a-z][a-z0-9_-]{1,39}$/i;
const reserved = /^(?:current|pending)$/i;

/** Refuses a name that Proxmox VE cannot give a snapshot. */
export function requireSnapshotName(name: string): void {
  if (snapshotName.test(name) && !reserved.test(name)) return;
  throw new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "INVALID_NAME",
    message: `Proxmox VE has no snapshot named ${JSON.stringify(name)}: it takes 2 to 40 letters, digits, "_" and "-", the first a letter, but not "current" or "pending"; choose another name`,
  });
}
