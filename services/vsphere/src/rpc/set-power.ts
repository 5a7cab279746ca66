import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import {
  GracefulTimeoutPolicy,
  type Operation,
  OperationState,
  PowerAction,
  type SetPowerRequest,
} from "@virtrigaud/proto";
import { attempt, isFault } from "../errors.ts";
import { doneOperation } from "../mapping/tasks.ts";
import { operationName, type TaskAction, taskActions } from "../operation-name.ts";
import { startTask } from "../task.ts";
import type { Vcenter } from "../vcenter.ts";
import { notFound } from "../vms.ts";

interface Call {
  signal: AbortSignal;
}

const defaultGracefulSeconds = 60;

export const setPower =
  (vcenter: Vcenter): UnaryHandler<"setPower"> =>
  async (request, { signal }) => ({ operation: await act(vcenter, request, { signal }) });

function act(vcenter: Vcenter, request: SetPowerRequest, call: Call): Promise<Operation> {
  const { uid, action } = request;
  switch (action) {
    case PowerAction.ON:
      return powerTask(vcenter, uid, "power-on", "PowerOnVM_Task", call);
    case PowerAction.OFF:
      return powerTask(vcenter, uid, "power-off", "PowerOffVM_Task", call);
    case PowerAction.RESET:
      return powerTask(vcenter, uid, "reset", "ResetVM_Task", call);
    case PowerAction.SUSPEND:
      return suspend(vcenter, request, call);
    case PowerAction.REBOOT:
      return reboot(vcenter, uid, call);
    case PowerAction.GRACEFUL_OFF:
      return shutDown(vcenter, request, call);
    default:
      throw new ProviderError({
        code: status.INVALID_ARGUMENT,
        reason: "POWER_ACTION_REQUIRED",
        message: "action: say what to do with the power",
      });
  }
}

type PowerMethod = "PowerOnVM_Task" | "PowerOffVM_Task" | "ResetVM_Task" | "SuspendVM_Task";

/** Sends without looking first: a VM that is there already answers InvalidPowerState, which is a success, except for reset. */
async function powerTask(
  vcenter: Vcenter,
  uid: string,
  action: TaskAction,
  method: PowerMethod,
  call: Call,
): Promise<Operation> {
  const ref = await vcenter.vms.ownedReference(uid, call);
  try {
    return await startTask(action, uid, () => vcenter.client.call(method, ref, {}, call));
  } catch (error) {
    if (isFault(error, "InvalidPowerState") && method !== "ResetVM_Task") return alreadyThere(action);
    if (isFault(error, "ManagedObjectNotFound")) {
      vcenter.vms.forget(uid);
      throw notFound(`no VM is owned by ${uid}`);
    }
    return attempt(`${taskActions[action]} of the VM of ${uid}`, () => Promise.reject(error));
  }
}

const alreadyThere = (action: TaskAction): Operation => {
  const description = `${taskActions[action]}: already there`;
  return doneOperation(operationName({ kind: "done", description }), description);
};

async function suspend(
  vcenter: Vcenter,
  { uid, overrideNestedGuard }: SetPowerRequest,
  call: Call,
): Promise<Operation> {
  const found = await vcenter.vms.owned(uid, call);
  if (found.config?.nestedHVEnabled && !overrideNestedGuard) {
    throw new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "NESTED_GUEST_GUARD",
      message: `VM ${found.name} has nested virtualization configured and saving its memory may break VMs inside it; shut it down instead, or override`,
    });
  }
  return powerTask(vcenter, uid, "suspend", "SuspendVM_Task", call);
}

async function reboot(vcenter: Vcenter, uid: string, call: Call): Promise<Operation> {
  const ref = await vcenter.vms.ownedReference(uid, call);
  await attempt(`rebooting the VM of ${uid}`, () => vcenter.client.call("RebootGuest", ref, {}, call));
  const description = "reboot: the guest was asked";
  return doneOperation(operationName({ kind: "done", description }), description);
}

/** vCenter has no task for a guest's shutdown: the operation is the VM and a deadline, and whoever looks sees whether it is off. */
async function shutDown(vcenter: Vcenter, request: SetPowerRequest, call: Call): Promise<Operation> {
  const found = await vcenter.vms.owned(request.uid, call);
  if (found.runtime.powerState === "poweredOff") return alreadyThere("power-off");
  const cutOnTimeout = request.onGracefulTimeout === GracefulTimeoutPolicy.POWER_OFF;
  try {
    await vcenter.client.call("ShutdownGuest", found.ref, {}, call);
  } catch (error) {
    // A guest that cannot be asked will not stop by itself: the policy for that is the one for a guest that does not.
    if (isFault(error, "ToolsUnavailable") && cutOnTimeout)
      return powerTask(vcenter, request.uid, "power-off", "PowerOffVM_Task", call);
    await attempt(`shutting down VM ${found.name}`, () => Promise.reject(error));
  }
  const seconds = request.gracefulTimeoutSeconds || defaultGracefulSeconds;
  const name = operationName({
    kind: "shutdown",
    uid: request.uid,
    vm: found.ref.value,
    deadline: Date.now() + seconds * 1_000,
    onTimeout: cutOnTimeout ? "power-off" : "fail",
  });
  return {
    ...doneOperation(name, "shut down the guest"),
    state: OperationState.RUNNING,
    progressPercent: undefined,
  };
}
