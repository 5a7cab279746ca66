import type { Operation } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { attempt, unlessGone } from "./errors.ts";
import type { TaskAction } from "./operation-name.ts";
import { taskOperation } from "./task.ts";

/** What this daemon has begun to make for a uid and nobody has seen the end of. */
export async function making(
  { vms, tasks }: Cluster,
  uid: string,
  action: TaskAction,
  call: Call,
): Promise<Operation | undefined> {
  const task = vms.known.get(uid)?.making;
  if (task === undefined) return undefined;
  const now = await attempt(`reading task ${task}`, () => unlessGone(tasks.read(task, call)));
  if (now?.state === "running") return taskOperation(action, uid, task);
  // How it ended is the operation's to tell; what there is now is looked at.
  vms.known.made(uid);
  return undefined;
}
