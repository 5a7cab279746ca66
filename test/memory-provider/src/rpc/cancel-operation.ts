import { status } from "@grpc/grpc-js";
import type { CancelOperationRequest, CancelOperationResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault } from "../fault.ts";
import { observeTask, taskOf } from "../mapping/operation.ts";

/** CancelOperation: a task that is done stays as it is. */
export function cancelOperation(context: Context, { name }: CancelOperationRequest): CancelOperationResponse {
  const { hypervisor } = context;
  const task = taskOf(hypervisor, name);
  if (task.state === "running" && !task.cancellable) {
    const message = `"${task.description}" cannot be cancelled on this hypervisor; wait for its end`;
    throw new Fault(status.FAILED_PRECONDITION, "NOT_CANCELLABLE", message);
  }
  hypervisor.tasks.cancel(task);
  return { operation: observeTask(task) };
}
