import { status } from "@grpc/grpc-js";
import {
  GracefulTimeoutPolicy,
  PowerAction,
  type SetPowerRequest,
  type SetPowerResponse,
} from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault, invalid } from "../fault.ts";
import { powerDescription, powerMachine, type PowerTarget } from "../hypervisor/machine-tasks.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { assertNoNestedGuest } from "../mapping/nested-guard.ts";
import { hasAgent } from "../mapping/observe.ts";
import { observeTask } from "../mapping/operation.ts";
import { check } from "../mapping/validate.ts";
import { assertIdle, assertRunning, ownedMachine } from "./owned.ts";

const targets: Readonly<Partial<Record<PowerAction, PowerTarget>>> = {
  [PowerAction.ON]: "on",
  [PowerAction.OFF]: "off",
  [PowerAction.GRACEFUL_OFF]: "off",
  [PowerAction.REBOOT]: "reset",
  [PowerAction.RESET]: "reset",
  [PowerAction.SUSPEND]: "suspended",
};

/** SetPower: starts the native change, or is done at once where the machine is there already. */
export function setPower(context: Context, request: SetPowerRequest): SetPowerResponse {
  const { hypervisor } = context;
  const target = targets[request.action];
  const violations = check([
    ["action", target !== undefined, "is required"],
    ["graceful_timeout_seconds", request.gracefulTimeoutSeconds <= 3600, "must be 1 to 3600, or 0 for 60"],
  ]);
  if (target === undefined || violations.length > 0) throw invalid(violations);
  const machine = ownedMachine(context, request.uid);
  const running = hypervisor.tasks.holding(machine.id);
  if (running?.description === powerDescription[target] && target !== "reset") {
    return { operation: observeTask(running) };
  }
  assertIdle(hypervisor, machine);
  if (machine.power === target) {
    return { operation: observeTask(hypervisor.tasks.finished(powerDescription[target])) };
  }
  assertPossible(machine, request);
  return { operation: observeTask(powerMachine(hypervisor, machine, target)) };
}

function assertPossible(machine: Machine, request: SetPowerRequest): void {
  const { action, onGracefulTimeout, overrideNestedGuard } = request;
  if (action === PowerAction.ON || action === PowerAction.OFF) return;
  assertRunning(machine);
  if (action === PowerAction.SUSPEND) assertNoNestedGuest(machine, "suspend", overrideNestedGuard);
  const cutsAfterAll = onGracefulTimeout === GracefulTimeoutPolicy.POWER_OFF;
  const asksGuest = action === PowerAction.REBOOT || (action === PowerAction.GRACEFUL_OFF && !cutsAfterAll);
  if (!asksGuest || hasAgent(machine)) return;
  const message = `no agent answers in ${machine.name}; install one, or use OFF or RESET`;
  throw new Fault(status.FAILED_PRECONDITION, "GUEST_AGENT_MISSING", message);
}
