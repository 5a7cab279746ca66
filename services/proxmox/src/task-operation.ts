import { ProviderError, status, toOperationError } from "@virtrigaud/kit";
import { type Operation, OperationState } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { type TaskState, parseUpid } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { isRefused, providerError, taskError } from "./errors.ts";
import { isTemplateAlready } from "./mapping/image-import.ts";
import { progressOf } from "./mapping/progress.ts";
import { type TaskFault, taskMeaning } from "./mapping/task-faults.ts";
import { type TaskAction, taskActions, type TaskOperation } from "./operation-name.ts";
import { notRunning, shutdownFailed } from "./power.ts";
import { succeeded } from "./task-success.ts";

/** Work whose log tells how far it is. */
const telling: ReadonlySet<TaskAction> = new Set(["clone", "download", "import"]);

const making: ReadonlySet<TaskAction> = new Set(["create", "clone", "import"]);

/** A native task as it is now, its end explained by what it was started for. */
export async function taskNow(
  cluster: Cluster,
  name: string,
  task: TaskOperation,
  call: Call,
): Promise<Operation> {
  const { action, upid } = task;
  const now = await readTask(cluster, upid, call);
  const running: Operation = {
    name,
    description: taskActions[action],
    state: OperationState.RUNNING,
    progressPercent: undefined,
    error: undefined,
    startTime: parseUpid(upid)?.startedAt,
    endTime: undefined,
    result: undefined,
  };
  if (now.state === "running")
    return telling.has(action)
      ? { ...running, progressPercent: progressOf(await cluster.tasks.log(upid, call)) }
      : running;
  if (now.state !== "failed" || isSuccess(action, now))
    return succeeded(cluster, running, task, now.state === "warnings" ? now.log : [], call);
  if (making.has(action)) cluster.vms.known.forget(task.uid);
  return failed(running, errorOf(action, now));
}

/** An operation that has ended with this error. */
export function failed(operation: Operation, error: ProviderError): Operation {
  const state = error.code === status.CANCELLED ? OperationState.CANCELLED : OperationState.FAILED;
  return { ...operation, state, error: toOperationError(error) };
}

/** What someone else was faster to do is done. */
function isSuccess(action: TaskAction, fault: TaskFault): boolean {
  if (action === "power-on") return /^VM \d+ already running/.test(fault.exitStatus);
  if (action === "template") return isTemplateAlready(fault.exitStatus);
  const isRemoval = action === "destroy" || action === "delete-snapshot";
  return isRemoval && taskMeaning(fault).reason === "NOT_FOUND";
}

const needsRunning: ReadonlySet<TaskAction> = new Set(["reset", "suspend", "reboot"]);

function errorOf(action: TaskAction, fault: TaskFault): ProviderError {
  const what = taskActions[action];
  const { reason } = taskMeaning(fault);
  if (reason === "GUEST_TIMEOUT") return shutdownFailed(what, fault.exitStatus);
  if (needsRunning.has(action) && reason === "INVALID_STATE") return notRunning(what);
  return taskError(what, fault);
}

async function readTask({ tasks }: Cluster, upid: string, call: Call): Promise<TaskState> {
  try {
    return await tasks.read(upid, call);
  } catch (error) {
    if (isRefused(error, "NOT_FOUND")) throw forgotten(upid);
    throw providerError(`reading task ${upid}`, error);
  }
}

const forgotten = (upid: string): ProviderError =>
  new ProviderError({
    code: status.NOT_FOUND,
    reason: "OPERATION_NOT_FOUND",
    message: `Proxmox VE no longer remembers task ${upid}; repeat the call that started it`,
  });
