import { Operation, OperationState } from "@virtrigaud/proto";
import { parseUpid } from "./client/index.ts";
import { operationName, type TaskAction, taskActions } from "./operation-name.ts";

/** The operation that wraps a task which was just started. */
export const taskOperation = (action: TaskAction, uid: string, upid: string, subject = ""): Operation =>
  Operation.fromPartial({
    name: operationName({ kind: "task", action, uid, upid, subject }),
    description: taskActions[action],
    state: OperationState.RUNNING,
    startTime: parseUpid(upid)?.startedAt,
  });
