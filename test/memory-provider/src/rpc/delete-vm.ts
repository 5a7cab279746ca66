import { status } from "@grpc/grpc-js";
import { type DeleteVMRequest, type DeleteVMResponse, EnsureState } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault, invalid } from "../fault.ts";
import { destroyMachine, powerMachine } from "../hypervisor/machine-tasks.ts";
import type { Machine } from "../hypervisor/machine.ts";
import type { Task } from "../hypervisor/tasks.ts";
import { observeTask } from "../mapping/operation.ts";
import { uidViolations } from "../mapping/validate.ts";

/** DeleteVM: powers off, destroys, and is COMPLETE when nothing with the uid is left. */
export function deleteVm({ hypervisor }: Context, { uid, retainDisks }: DeleteVMRequest): DeleteVMResponse {
  const violations = uidViolations(uid);
  if (violations.length > 0) throw invalid(violations);
  const machine = hypervisor.inventory.owned(uid);
  if (!machine) return { state: EnsureState.COMPLETE, operation: undefined };
  const running = hypervisor.tasks.holding(machine.id);
  if (running) return inProgress(running);
  if (!machine.marker?.made) {
    // Not made by us, so not deleted by us; without the marker no VM with this uid exists.
    hypervisor.inventory.mark(machine, undefined);
    return { state: EnsureState.COMPLETE, operation: undefined };
  }
  assertDeletable(machine, hypervisor.inventory.hasLinks(machine.id));
  if (machine.power !== "off") return inProgress(powerMachine(hypervisor, machine, "off"));
  return inProgress(destroyMachine(hypervisor, machine, retainDisks));
}

function assertDeletable({ name, protected: isProtected }: Machine, hasLinks: boolean): void {
  if (isProtected) {
    const message = `${name} is protected on the hypervisor; remove the protection there`;
    throw new Fault(status.FAILED_PRECONDITION, "VM_PROTECTED", message);
  }
  if (hasLinks) {
    const message = `linked clones rest upon the disks of ${name}; delete them first`;
    throw new Fault(status.FAILED_PRECONDITION, "CLONES_EXIST", message);
  }
}

function inProgress(task: Task): DeleteVMResponse {
  return { state: EnsureState.IN_PROGRESS, operation: observeTask(task) };
}
