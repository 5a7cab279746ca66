import type { UnaryHandler } from "@virtrigaud/kit";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import { doneOperation } from "../operation-name.ts";
import { listed } from "../snapshots.ts";
import { taskOperation } from "../task.ts";

export const deleteSnapshot =
  (cluster: Cluster): UnaryHandler<"deleteSnapshot"> =>
  async ({ uid, snapshotId }, { signal }) => {
    const found = await cluster.vms.owned(uid, { signal });
    const held = (await listed(cluster, found, { signal })).some(({ id }) => id === snapshotId);
    if (!held) return { operation: doneOperation("delete snapshot: not there") };
    const { snapshot } = cluster.pve.api({ signal }).nodes.$(found.node).qemu.$(found.vmid);
    const upid = await attempt(`deleting snapshot ${snapshotId} of VM ${found.name}`, () =>
      snapshot.$(snapshotId).$delete(),
    );
    cluster.vms.known.changed(uid);
    return { operation: taskOperation("delete-snapshot", uid, upid, snapshotId) };
  };
