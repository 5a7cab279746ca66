import { ProviderError, status, toOperationError } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { faultError, isFault, providerError } from "./errors.ts";
import { decodeName } from "./mapping/entity-name.ts";
import type { Fault } from "./mapping/faults.ts";
import { doneOperation, operationOf, taskFault } from "./mapping/tasks.ts";
import { nameHolder } from "./name-taken.ts";
import { type TaskAction, taskActions, type TaskOperation } from "./operation-name.ts";
import { isAlreadyThere, isPowerAction, notRunning } from "./power-actions.ts";
import type { Vcenter } from "./vcenter.ts";
import type { ManagedObjectReference, TaskInfo } from "./vim/types.ts";

/** A native task as it is now, its fault explained by what it was started for. */
export async function taskNow(
  vcenter: Vcenter,
  name: string,
  { action, uid, task }: TaskOperation,
  call: Call,
): Promise<Operation> {
  const info = await readTask(vcenter, task, call);
  const fault = taskFault(info);
  if (info.state === "success") noteResult(vcenter, action, uid, info);
  if (fault === undefined) return operationOf(name, taskActions[action], info);
  if (isSuccess(action, fault)) return doneOperation(name, `${taskActions[action]}: already there`);
  const error = await errorOf(vcenter, action, uid, fault, info, call);
  return { ...operationOf(name, taskActions[action], info), error: toOperationError(error) };
}

/** The next call for this VM will read it; this saves it the look-up. */
function noteResult({ vms }: Vcenter, action: TaskAction, uid: string, { result }: TaskInfo): void {
  const made = result as ManagedObjectReference | undefined;
  if (made?.type === "VirtualMachine") vms.hints.remember(uid, made.value);
  if (action === "destroy") vms.hints.forget(uid);
}

/** What someone else was faster to do is done. */
function isSuccess(action: TaskAction, fault: Fault): boolean {
  if (isPowerAction(action)) return isAlreadyThere(action, fault);
  return action === "destroy" && fault.faultType === "ManagedObjectNotFound";
}

async function errorOf(
  vcenter: Vcenter,
  action: TaskAction,
  uid: string,
  fault: Fault,
  info: TaskInfo,
  call: Call,
): Promise<ProviderError> {
  const isMaking = action === "create" || action === "clone";
  if (isMaking && fault.faultType === "DuplicateName") {
    const name = decodeName(fault.detail.name ?? info.entityName);
    return nameHolder(vcenter, fault, uid, name, call);
  }
  const needsRunning = action === "suspend" || action === "reset";
  if (needsRunning && fault.faultType === "InvalidPowerState") return notRunning(taskActions[action]);
  return faultError(taskActions[action], fault);
}

async function readTask(vcenter: Vcenter, task: string, call: Call): Promise<TaskInfo> {
  try {
    const { props } = await vcenter.client.read({ type: "Task", value: task }, ["info"], call);
    if (props.info === undefined) throw forgotten();
    return props.info;
  } catch (error) {
    throw isFault(error, "ManagedObjectNotFound")
      ? forgotten()
      : providerError(`reading task ${task}`, error);
  }
}

const forgotten = (): ProviderError =>
  new ProviderError({
    code: status.NOT_FOUND,
    reason: "OPERATION_NOT_FOUND",
    message: "vCenter no longer remembers this task; repeat the call that started it",
  });
