import type { Call } from "./call.ts";
import { parseUpid } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import type { Place } from "./known-vms.ts";

/** The last task of a type on a VM; undefined when there is none, or none that the token may see: those of others take Sys.Audit. */
export async function lastTask(
  { pve }: Cluster,
  { node, vmid }: Place,
  type: string,
  call: Call,
): Promise<string | undefined> {
  const { tasks } = pve.api(call).nodes.$(node);
  const only = { source: "all", typefilter: type, vmid, limit: 1 } as const;
  const [last] = await attempt(`reading the tasks of node ${node}`, () => tasks.$get(only));
  return last?.upid;
}

/** Whether nobody has done the same to the VM since: what an operation says then is about the VM as it is. */
export async function isLastTask(cluster: Cluster, upid: string, call: Call): Promise<boolean> {
  const { node = "", vmid = 0, type = "" } = parseUpid(upid) ?? {};
  return (await lastTask(cluster, { node, vmid }, type, call)) === upid;
}
