import { ProviderError, status, toOperationError, type UnaryHandler } from "@virtrigaud/kit";
import { type Operation, OperationState } from "@virtrigaud/proto";
import { attempt, faultError, isFault, providerError } from "../errors.ts";
import { doneOperation, operationOf, taskFault } from "../mapping/tasks.ts";
import { nameHolder } from "../name-taken.ts";
import {
  parseOperationName,
  type ShutdownOperation,
  taskActions,
  type TaskOperation,
} from "../operation-name.ts";
import type { Vcenter } from "../vcenter.ts";
import type { ManagedObjectReference, TaskInfo } from "../vim/types.ts";
import { checkHostsNow } from "./check-hosts.ts";

interface Call {
  signal: AbortSignal;
}

export const getOperation =
  (vcenter: Vcenter): UnaryHandler<"getOperation"> =>
  async ({ name }, { signal }) => ({ operation: await lookAt(vcenter, name, { signal }) });

/** An operation as it is now, from its name and vCenter alone. */
export async function lookAt(vcenter: Vcenter, name: string, call: Call): Promise<Operation> {
  const operation = parseOperationName(name);
  switch (operation.kind) {
    case "task":
      return taskNow(vcenter, name, operation, call);
    case "shutdown":
      return shutdownNow(vcenter, name, operation, call);
    case "hosts":
      return checkHostsNow(vcenter, operation.names, call);
    case "done":
      return doneOperation(name, operation.description);
  }
}

async function taskNow(
  vcenter: Vcenter,
  name: string,
  { action, uid, task }: TaskOperation,
  call: Call,
): Promise<Operation> {
  const info = await readTask(vcenter, task, call);
  const operation = operationOf(name, taskActions[action], info);
  const fault = taskFault(info);
  const made = info.result as ManagedObjectReference | undefined;
  if (info.state === "success") {
    // The next call for this VM will read it; this saves it the look-up.
    if (made?.type === "VirtualMachine") vcenter.vms.remember(uid, made.value);
    if (action === "destroy") vcenter.vms.forget(uid);
  }
  if (fault === undefined) return operation;
  const isPower = action === "power-on" || action === "power-off" || action === "suspend";
  if (isPower && fault.faultType === "InvalidPowerState")
    return doneOperation(name, `${taskActions[action]}: already there`);
  const isMaking = action === "create" || action === "clone";
  const error =
    isMaking && fault.faultType === "DuplicateName"
      ? await nameHolder(vcenter, fault, uid, String(fault.detail.name ?? info.entityName ?? ""), call)
      : faultError(taskActions[action], fault);
  return { ...operation, error: toOperationError(error) };
}

async function readTask(vcenter: Vcenter, task: string, call: Call): Promise<TaskInfo> {
  const gone = new ProviderError({
    code: status.NOT_FOUND,
    reason: "OPERATION_NOT_FOUND",
    message: "vCenter no longer remembers this task; repeat the call that started it",
  });
  try {
    const { props } = await vcenter.client.read({ type: "Task", value: task }, ["info"], call);
    if (props.info === undefined) throw gone;
    return props.info;
  } catch (error) {
    throw isFault(error, "ManagedObjectNotFound") ? gone : providerError(`reading task ${task}`, error);
  }
}

/** After the deadline the policy acts when someone looks: nothing waits in the daemon's memory, so a restart changes nothing. */
async function shutdownNow(
  vcenter: Vcenter,
  name: string,
  { vm, deadline, onTimeout }: ShutdownOperation,
  call: Call,
): Promise<Operation> {
  const ref = { type: "VirtualMachine" as const, value: vm };
  const found = await vcenter.vms.read(ref, call, "basic");
  const done = doneOperation(name, "shut down the guest");
  if (found === undefined || found.runtime.powerState === "poweredOff") return done;
  const running: Operation = { ...done, state: OperationState.RUNNING, progressPercent: undefined };
  if (Date.now() < deadline) return running;
  if (onTimeout === "fail") {
    const error = new ProviderError({
      code: status.DEADLINE_EXCEEDED,
      reason: "GRACEFUL_TIMEOUT",
      message: `the guest of VM ${found.name} did not shut down in time and keeps running; power it off, or wait longer`,
    });
    return { ...running, state: OperationState.FAILED, error: toOperationError(error) };
  }
  await attempt(`powering off VM ${found.name}`, async () => {
    try {
      await vcenter.client.call("PowerOffVM_Task", ref, {}, call);
    } catch (error) {
      if (!isFault(error, "InvalidPowerState", "TaskInProgress")) throw error;
    }
  });
  return running;
}
