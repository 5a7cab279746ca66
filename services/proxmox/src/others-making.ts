import type { Operation } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { parseUpid, type Upid } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import type { FoundVm } from "./mapping/found-vm.ts";
import { uidOfRow } from "./mapping/ownership.ts";
import { taskOperation } from "./task.ts";

/** VMs that are being made by someone else than this daemon: until that is done nobody can tell whose they are. */
export const undecided = ({ vms }: Cluster, all: readonly FoundVm[]): FoundVm[] =>
  all.filter(
    (vm) =>
      (vm.power.lock === "create" || vm.power.lock === "clone") &&
      uidOfRow(vm) === undefined &&
      vms.known.nameOf(vm.vmid) === undefined,
  );

/**
 * The making of one of these that may be the uid's: begun by our own account, so by this daemon before it was restarted or by another
 * instance of it. Undefined when all are somebody else's, or have just ended.
 */
export async function othersMaking(
  cluster: Cluster,
  uid: string,
  vms: readonly FoundVm[],
  call: Call,
): Promise<Operation | undefined> {
  const user = await cluster.user();
  const own = cluster.vms.known.makings;
  for (const node of new Set(vms.map((vm) => vm.node))) {
    const { tasks } = cluster.pve.api(call).nodes.$(node);
    const active = await attempt(`reading the tasks of node ${node}`, () =>
      tasks.$get({ source: "active", limit: 500 }),
    );
    const upids = active.flatMap((task) => parseUpid(task.upid) ?? []);
    const task = upids.find((upid) => upid.user === user && !own.has(upid.text) && makes(upid, vms));
    if (task !== undefined)
      return taskOperation(task.type === "qmclone" ? "clone" : "create", uid, task.text);
  }
  return undefined;
}

/** A clone's task names its source only. */
const makes = ({ type, vmid }: Upid, vms: readonly FoundVm[]): boolean =>
  type === "qmclone" || (type === "qmcreate" && vms.some((vm) => vm.vmid === vmid));
