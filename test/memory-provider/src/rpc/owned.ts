import { status } from "@grpc/grpc-js";
import type { Context } from "../context.ts";
import { Fault, invalid, notFound } from "../fault.ts";
import type { Hypervisor } from "../hypervisor/hypervisor.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { uidViolations } from "../mapping/validate.ts";

/** The machine that the uid owns. INVALID_ARGUMENT, NOT_FOUND. */
export function ownedMachine({ hypervisor }: Context, uid: string): Machine {
  const violations = uidViolations(uid);
  if (violations.length > 0) throw invalid(violations);
  const machine = hypervisor.inventory.owned(uid);
  if (!machine || machine.sequence === 0) throw notFound(`a VM with uid ${uid}`);
  return machine;
}

/** ABORTED while a native task holds the machine. */
export function assertIdle({ tasks }: Hypervisor, machine: Machine): void {
  const task = tasks.holding(machine.id);
  if (!task) return;
  throw new Fault(
    status.ABORTED,
    "VM_BUSY",
    `${machine.name} is busy with "${task.description}"; call again`,
    {
      metadata: { task: task.id },
      retryMs: 100,
    },
  );
}

/** FAILED_PRECONDITION VM_NOT_RUNNING unless the machine runs. */
export function assertRunning(machine: Machine): void {
  if (machine.power === "on") return;
  const message = `${machine.name} is ${machine.power}; power it on first`;
  throw new Fault(status.FAILED_PRECONDITION, "VM_NOT_RUNNING", message);
}
