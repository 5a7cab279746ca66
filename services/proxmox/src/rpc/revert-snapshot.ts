import type { UnaryHandler } from "@virtrigaud/kit";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import { snapshotOf } from "../snapshots.ts";
import { taskOperation } from "../task.ts";

/** Proxmox VE powers a running VM off first; it runs again only where the snapshot holds its memory. */
export const revertSnapshot =
  (cluster: Cluster): UnaryHandler<"revertSnapshot"> =>
  async ({ uid, snapshotId }, { signal }) => {
    const found = await cluster.vms.owned(uid, { signal });
    await snapshotOf(cluster, found, snapshotId, { signal });
    const { snapshot } = cluster.pve.api({ signal }).nodes.$(found.node).qemu.$(found.vmid);
    const upid = await attempt(`reverting VM ${found.name} to ${snapshotId}`, () =>
      snapshot.$(snapshotId).rollback.$post(),
    );
    cluster.vms.known.changed(uid);
    return { operation: taskOperation("revert", uid, upid, snapshotId) };
  };
