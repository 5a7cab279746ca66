import { Operation, OperationState } from "@virtrigaud/proto";
import type { MethodFault, TaskInfo } from "../vim/types.ts";
import type { Fault } from "./faults.ts";

/** A task in the contract's words, without its error: that needs a look at what stands in the way. */
export function operationOf(name: string, description: string, info: TaskInfo): Operation {
  return Operation.fromPartial({
    name,
    description,
    state: operationState(info),
    progressPercent: info.state === "success" ? 100 : info.progress,
    startTime: dateOf(info.startTime ?? info.queueTime),
    endTime: dateOf(info.completeTime),
  });
}

/** An operation that needed no task. */
export const doneOperation = (name: string, description: string): Operation =>
  Operation.fromPartial({ name, description, state: OperationState.SUCCEEDED, progressPercent: 100 });

/** Why a task failed; undefined unless it did. */
export function taskFault({ state, error }: TaskInfo): Fault | undefined {
  if (state !== "error") return undefined;
  const { $type = "MethodFault", ...detail } = (error?.fault ?? {}) as MethodFault;
  return { faultType: $type, message: error?.localizedMessage ?? "", detail };
}

function operationState({ state, cancelled, error }: TaskInfo): OperationState {
  switch (state) {
    case "queued":
    case "running":
      return OperationState.RUNNING;
    case "success":
      return OperationState.SUCCEEDED;
    case "error":
      return cancelled || error?.fault.$type === "RequestCanceled"
        ? OperationState.CANCELLED
        : OperationState.FAILED;
  }
}

const dateOf = (time: string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);
