import { ProviderError, status } from "@virtrigaud/kit";
import type { Fault } from "./mapping/faults.ts";
import type { VirtualMachinePowerState } from "./vim/types.ts";

interface NativePower {
  method: "PowerOnVM_Task" | "PowerOffVM_Task" | "ResetVM_Task" | "SuspendVM_Task";
  /** The state that it leads to; a reset leads nowhere new. */
  state?: VirtualMachinePowerState;
}

/** vCenter's power tasks by what they are started for. */
export const powerActions = {
  "power-on": { method: "PowerOnVM_Task", state: "poweredOn" },
  "power-off": { method: "PowerOffVM_Task", state: "poweredOff" },
  suspend: { method: "SuspendVM_Task", state: "suspended" },
  reset: { method: "ResetVM_Task" },
} as const satisfies Record<string, NativePower>;
export type NativePowerAction = keyof typeof powerActions;

export const isPowerAction = (action: string): action is NativePowerAction =>
  Object.hasOwn(powerActions, action);

/** Whether an InvalidPowerState says that the VM is already where the action leads, which is a success. */
export function isAlreadyThere(action: NativePowerAction, { faultType, detail }: Fault): boolean {
  const { state }: NativePower = powerActions[action];
  return faultType === "InvalidPowerState" && state !== undefined && detail.existingState === state;
}

/** A running VM is needed: what an InvalidPowerState of suspending, resetting or asking the guest says. */
export const notRunning = (what: string): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VM_NOT_RUNNING",
    message: `${what}: the VM does not run; power it on first`,
  });
