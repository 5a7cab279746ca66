import { expect, test } from "@jest/globals";
import { Operation, OperationState } from "@virtrigaud/proto";
import type { TaskInfo } from "../vim/types.ts";
import { operationOf, taskFault } from "./tasks.ts";

const info = (more: Partial<TaskInfo>): TaskInfo => ({
  key: "task-1",
  task: { type: "Task", value: "task-1" },
  descriptionId: "VirtualMachine.clone",
  state: "running",
  cancelled: false,
  cancelable: true,
  queueTime: "2024-01-01T00:00:00Z",
  eventChainId: 1,
  ...more,
});
const queued = new Date("2024-01-01T00:00:00Z");
const later = "2024-01-01T00:01:00Z";
const fault = { fault: { $type: "DuplicateName", name: "vm-1" }, localizedMessage: "The name exists." };
const cancelled = { fault: { $type: "RequestCanceled" } };

test.each<[string, Partial<TaskInfo>, object]>([
  ["queued", { state: "queued" }, { state: OperationState.RUNNING, startTime: queued }],
  [
    "running",
    { progress: 42, startTime: later },
    { state: OperationState.RUNNING, progressPercent: 42, startTime: new Date(later) },
  ],
  [
    "done",
    { state: "success", progress: 42, completeTime: later },
    { state: OperationState.SUCCEEDED, progressPercent: 100, startTime: queued, endTime: new Date(later) },
  ],
  ["failed", { state: "error", error: fault }, { state: OperationState.FAILED, startTime: queued }],
  ["cancelled", { state: "error", error: cancelled }, { state: OperationState.CANCELLED, startTime: queued }],
  [
    "cancelled, by the flag",
    { state: "error", cancelled: true },
    { state: OperationState.CANCELLED, startTime: queued },
  ],
])("a task that is %s", (_, more, expected) => {
  expect(operationOf("op", "clone", info(more))).toEqual(
    Operation.fromPartial({ name: "op", description: "clone", ...expected }),
  );
});

test("the fault of a task that failed, and only of one", () => {
  expect(taskFault(info({ state: "error", error: fault }))).toEqual({
    faultType: "DuplicateName",
    message: "The name exists.",
    detail: { name: "vm-1" },
  });
  expect(taskFault(info({ state: "error" }))).toEqual({ faultType: "MethodFault", message: "", detail: {} });
  expect(taskFault(info({ state: "success" }))).toBeUndefined();
});
