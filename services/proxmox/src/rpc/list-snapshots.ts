import type { UnaryHandler } from "@virtrigaud/kit";
import type { Cluster } from "../cluster.ts";
import { listed } from "../snapshots.ts";

export const listSnapshots =
  (cluster: Cluster): UnaryHandler<"listSnapshots"> =>
  async ({ uid }, call) => ({ snapshots: await listed(cluster, await cluster.vms.recent(uid, call), call) });
