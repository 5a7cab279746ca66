import { status } from "@grpc/grpc-js";
import { type Operation, OperationState } from "@virtrigaud/proto";
import { Fault, notFound, toOperationError } from "../fault.ts";
import type { Hypervisor } from "../hypervisor/hypervisor.ts";
import type { Task } from "../hypervisor/tasks.ts";

const states: Readonly<Record<Task["state"], OperationState>> = {
  running: OperationState.RUNNING,
  succeeded: OperationState.SUCCEEDED,
  failed: OperationState.FAILED,
  cancelled: OperationState.CANCELLED,
};

const prefix = "memory/";

/** A native task in the contract's terms; its name wraps the task's id and nothing of the daemon. */
export function observeTask(task: Task): Operation {
  return {
    name: `${prefix}${task.id}`,
    description: task.description,
    state: states[task.state],
    progressPercent: task.progressPercent,
    error: task.fault && toOperationError(task.fault),
    startTime: task.startTime,
    endTime: task.endTime,
    result: task.result,
  };
}

/** The task behind an operation's name. INVALID_ARGUMENT: not ours; NOT_FOUND: the hypervisor forgot it. */
export function taskOf({ tasks }: Hypervisor, name: string): Task {
  if (!/^memory\/task-\d+$/.test(name)) {
    const violation = {
      field: "name",
      reason: "INVALID_VALUE",
      description: "is not an operation of this provider",
    };
    throw new Fault(status.INVALID_ARGUMENT, violation.reason, `name: ${violation.description}`, {
      violations: [violation],
    });
  }
  const task = tasks.get(name.slice(prefix.length));
  if (!task) throw notFound(`operation ${name}`);
  return task;
}
