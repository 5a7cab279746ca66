import { invalidArgument, ProviderError, status, type UnaryHandler, violation } from "@virtrigaud/kit";
import {
  GracefulTimeoutPolicy,
  type Operation,
  OperationState,
  PowerAction,
  type SetPowerRequest,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { isFault, providerError, vimFault } from "../errors.ts";
import { doneOperation } from "../mapping/tasks.ts";
import { operationName, taskActions } from "../operation-name.ts";
import { isAlreadyThere, type NativePowerAction, notRunning, powerActions } from "../power-actions.ts";
import { startTask } from "../task.ts";
import type { Vcenter } from "../vcenter.ts";

const defaultGracefulSeconds = 60;

export const setPower =
  (vcenter: Vcenter): UnaryHandler<"setPower"> =>
  async (request, { signal }) => {
    try {
      return { operation: await actOnHint(vcenter, request, { signal }) };
    } catch (error) {
      const what = `${request.action} of the VM of ${request.uid}`;
      if (isFault(error, "InvalidPowerState") && needsRunning.has(request.action)) throw notRunning(what);
      throw providerError(what, error);
    }
  };

/** Where a hint leads to a VM that is gone, nothing was done, and what vCenter itself finds decides. */
async function actOnHint(vcenter: Vcenter, request: SetPowerRequest, call: Call): Promise<Operation> {
  try {
    return await act(vcenter, request, call);
  } catch (error) {
    if (!isFault(error, "ManagedObjectNotFound")) throw error;
    vcenter.vms.hints.forget(request.uid);
    return act(vcenter, request, call);
  }
}

const needsRunning: ReadonlySet<PowerAction> = new Set([
  PowerAction.GRACEFUL_OFF,
  PowerAction.REBOOT,
  PowerAction.RESET,
  PowerAction.SUSPEND,
]);

function act(vcenter: Vcenter, request: SetPowerRequest, call: Call): Promise<Operation> {
  switch (request.action) {
    case PowerAction.ON:
      return powerTask(vcenter, request.uid, "power-on", call);
    case PowerAction.OFF:
      return powerTask(vcenter, request.uid, "power-off", call);
    case PowerAction.RESET:
      return powerTask(vcenter, request.uid, "reset", call);
    case PowerAction.SUSPEND:
      return suspend(vcenter, request, call);
    case PowerAction.REBOOT:
      return reboot(vcenter, request.uid, call);
    case PowerAction.GRACEFUL_OFF:
      return shutDown(vcenter, request, call);
    default:
      throw invalidArgument([violation("action", "REQUIRED", "say what to do with the power")]);
  }
}

/** Sends without looking first: a VM that is there already says so. */
async function powerTask(
  vcenter: Vcenter,
  uid: string,
  action: NativePowerAction,
  call: Call,
): Promise<Operation> {
  const ref = await vcenter.vms.ownedReference(uid, call);
  try {
    return await startTask(action, uid, () =>
      vcenter.client.call(powerActions[action].method, ref, {}, call),
    );
  } catch (error) {
    if (!isFault(error, "InvalidPowerState") || !isAlreadyThere(action, vimFault(error))) throw error;
    return done(`${taskActions[action]}: already there`);
  }
}

const done = (description: string): Operation =>
  doneOperation(operationName({ kind: "done", description }), description);

async function suspend(vcenter: Vcenter, request: SetPowerRequest, call: Call): Promise<Operation> {
  const found = await vcenter.vms.owned(request.uid, call);
  if (found.nestedHVEnabled && !request.overrideNestedGuard) {
    throw new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "NESTED_GUEST_GUARD",
      message: `VM ${found.name} has nested virtualization configured and saving its memory may break VMs inside it; shut it down instead, or set override_nested_guard`,
    });
  }
  return powerTask(vcenter, request.uid, "suspend", call);
}

async function reboot(vcenter: Vcenter, uid: string, call: Call): Promise<Operation> {
  const ref = await vcenter.vms.ownedReference(uid, call);
  await vcenter.client.call("RebootGuest", ref, {}, call);
  return done("reboot: the guest was asked");
}

/** vCenter has no task for a guest's shutdown: the operation is the VM and a deadline, and whoever looks sees whether it is off. */
async function shutDown(vcenter: Vcenter, request: SetPowerRequest, call: Call): Promise<Operation> {
  const { ref, runtime } = await vcenter.vms.owned(request.uid, call);
  if (runtime.powerState === "poweredOff") return done(`${taskActions["power-off"]}: already there`);
  const cutOnTimeout = request.onGracefulTimeout === GracefulTimeoutPolicy.POWER_OFF;
  try {
    await vcenter.client.call("ShutdownGuest", ref, {}, call);
  } catch (error) {
    // A guest that cannot be asked will not stop by itself: the policy for that is the one for a guest that does not.
    if (!isFault(error, "ToolsUnavailable") || !cutOnTimeout) throw error;
    return powerTask(vcenter, request.uid, "power-off", call);
  }
  const seconds = request.gracefulTimeoutSeconds || defaultGracefulSeconds;
  const name = operationName({
    kind: "shutdown",
    uid: request.uid,
    vm: ref.value,
    deadline: Date.now() + seconds * 1_000,
    onTimeout: cutOnTimeout ? "power-off" : "fail",
  });
  const running = { state: OperationState.RUNNING, progressPercent: undefined };
  return { ...doneOperation(name, "shut down the guest"), ...running };
}
