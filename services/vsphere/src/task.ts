import { type Operation, OperationState } from "@virtrigaud/proto";
import { operationName, type TaskAction, taskActions } from "./operation-name.ts";
import type { ManagedObjectReference } from "./vim/types.ts";

/** Starts one native task and answers the operation that wraps it, without waiting. */
export async function startTask(
  action: TaskAction,
  uid: string,
  start: () => Promise<ManagedObjectReference<"Task">>,
): Promise<Operation> {
  const task = await start();
  return {
    name: operationName({ kind: "task", action, uid, task: task.value }),
    description: taskActions[action],
    state: OperationState.RUNNING,
    error: undefined,
    startTime: undefined,
    endTime: undefined,
    result: undefined,
  };
}
