import { ProviderError, status } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { parseUpid, type TaskState } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { attempt, taskError, unlessGone } from "./errors.ts";
import type { ReadVm } from "./mapping/existing.ts";
import { lastTask } from "./last-task.ts";
import { taskActions, type TaskOperation } from "./operation-name.ts";
import { startedNow } from "./started.ts";
import { failed } from "./task-operation.ts";

/** How long after its task a VM may take to come up again. */
const patienceMs = 5 * 60_000;

/** Proxmox VE's reboot is done when the VM has stopped; a task of root's own starts it again, and only that one tells whether it did. */
export async function restartedNow(
  cluster: Cluster,
  running: Operation,
  done: Operation,
  task: TaskOperation,
  call: Call,
): Promise<Operation> {
  const found = await cluster.vms.owned(task.uid, call);
  const start = await lastStart(cluster, found, task.upid, call);
  if (start?.state === "warnings")
    return startedNow(cluster, done, { ...task, upid: start.upid }, start.log, call);
  if (start?.state === "failed") return failed(running, taskError(taskActions.restart, start));
  if (found.power.status === "running") return done;
  const since = parseUpid(task.upid)?.startedAt.getTime() ?? 0;
  return Date.now() - since < patienceMs ? running : failed(running, stayedOff(found));
}

/** The start that followed; undefined while there is none, or where the token may not see root's tasks (Sys.Audit). */
async function lastStart(
  cluster: Cluster,
  found: ReadVm,
  reboot: string,
  call: Call,
): Promise<(TaskState & { upid: string }) | undefined> {
  const upid = await lastTask(cluster, found, "qmstart", call);
  const since = parseUpid(reboot)?.startedAt ?? new Date();
  const startedAt = upid && parseUpid(upid)?.startedAt;
  if (!upid || !startedAt || startedAt < since) return undefined;
  const state = await attempt(`reading task ${upid}`, () => unlessGone(cluster.tasks.read(upid, call)));
  return state && { ...state, upid };
}

const stayedOff = ({ name }: ReadVm): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VM_NOT_RUNNING",
    message: `VM ${name} has stopped for its new configuration and did not start again; power it on, and see what that says`,
  });
