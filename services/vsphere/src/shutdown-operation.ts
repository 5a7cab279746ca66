import { ProviderError, status, toOperationError } from "@virtrigaud/kit";
import { type Operation, OperationState } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { attempt, isFault } from "./errors.ts";
import { doneOperation } from "./mapping/tasks.ts";
import type { ShutdownOperation } from "./operation-name.ts";
import type { Vcenter } from "./vcenter.ts";
import { requireOwner } from "./vms.ts";

/** After the deadline the policy acts when someone looks: nothing waits in the daemon's memory, so a restart changes nothing. */
export async function shutdownNow(
  vcenter: Vcenter,
  name: string,
  { uid, vm, deadline, onTimeout }: ShutdownOperation,
  call: Call,
): Promise<Operation> {
  const ref = { type: "VirtualMachine" as const, value: vm };
  const found = await vcenter.vms.read(ref, call);
  const done = doneOperation(name, "shut down the guest");
  if (found === undefined || found.runtime.powerState === "poweredOff") return done;
  // A name can be made up, and this may cut the power.
  requireOwner(found, uid);
  const running: Operation = { ...done, state: OperationState.RUNNING, progressPercent: undefined };
  if (Date.now() < deadline) return running;
  if (onTimeout === "fail")
    return { ...running, state: OperationState.FAILED, error: toOperationError(timedOut(found.name)) };
  await attempt(`powering off VM ${found.name}`, async () => {
    try {
      await vcenter.client.call("PowerOffVM_Task", ref, {}, call);
    } catch (error) {
      // Someone else is at it, or was.
      if (!isFault(error, "InvalidPowerState", "TaskInProgress", "ManagedObjectNotFound")) throw error;
    }
  });
  return running;
}

const timedOut = (vm: string): ProviderError =>
  new ProviderError({
    code: status.DEADLINE_EXCEEDED,
    reason: "GRACEFUL_TIMEOUT",
    message: `the guest of VM ${vm} did not shut down in time and keeps running; power it off, or wait longer`,
  });
