import { decodeOperationName, encodeOperationName, invalidArgument, violation } from "@virtrigaud/kit";

/** Work of vCenter's: the task, and what it is for, so that its faults can be explained after a restart. */
export interface TaskOperation {
  kind: "task";
  action: TaskAction;
  uid: string;
  task: string;
}

/** A guest that was asked to shut down: there is no task, only the VM to look at. */
export interface ShutdownOperation {
  kind: "shutdown";
  uid: string;
  vm: string;
  /** Epoch milliseconds. */
  deadline: number;
  onTimeout: "fail" | "power-off";
}

/** Something that was there already, or is answered at once. */
export interface DoneOperation {
  kind: "done";
  description: string;
}

/** A look at hosts; asked for again, it looks again. */
export interface HostsOperation {
  kind: "hosts";
  names: string[];
}

export type NamedOperation = TaskOperation | ShutdownOperation | DoneOperation | HostsOperation;

/** What a task was started for, in words for people. */
export const taskActions = {
  create: "create VM",
  clone: "clone VM from template",
  reconfigure: "correct the VM's configuration",
  "power-on": "power on",
  "power-off": "power off",
  reset: "reset",
  suspend: "suspend",
  "detach-disks": "detach the disks that stay",
  destroy: "delete VM",
} as const;
export type TaskAction = keyof typeof taskActions;

/** Everything an operation needs to be answered for by a daemon that has just started. */
export function operationName(operation: NamedOperation): string {
  switch (operation.kind) {
    case "task":
      return encodeOperationName("task", [operation.action, operation.uid, operation.task]);
    case "shutdown":
      return encodeOperationName("shutdown", [
        operation.uid,
        operation.vm,
        String(operation.deadline),
        operation.onTimeout,
      ]);
    case "done":
      return encodeOperationName("done", [operation.description]);
    case "hosts":
      return encodeOperationName("hosts", operation.names);
  }
}

/** The reverse of {@link operationName}. @throws ProviderError INVALID_ARGUMENT for a name that this provider never gave out. */
export function parseOperationName(name: string): NamedOperation {
  const { kind, fields } = decodeOperationName(name);
  const operation = parsers.get(kind)?.(fields);
  if (operation !== undefined) return operation;
  throw invalidArgument([
    violation("name", "INVALID_OPERATION_NAME", "is not the name of an operation of this provider"),
  ]);
}

const parsers = new Map<string, (fields: readonly string[]) => NamedOperation | undefined>([
  ["task", parseTask],
  ["shutdown", parseShutdown],
  [
    "done",
    ([description, ...rest]) =>
      description && rest.length === 0 ? { kind: "done", description } : undefined,
  ],
  ["hosts", (names) => ({ kind: "hosts", names: [...names] })],
]);

function parseTask([action = "", uid, task, ...rest]: readonly string[]): TaskOperation | undefined {
  if (!isTaskAction(action) || !uid || !task || rest.length > 0) return undefined;
  return { kind: "task", action, uid, task };
}

function parseShutdown([uid, vm, time = "", onTimeout, ...rest]: readonly string[]):
  | ShutdownOperation
  | undefined {
  const deadline = /^\d{1,15}$/.test(time) ? Number(time) : undefined;
  if (!uid || !vm || deadline === undefined || rest.length > 0) return undefined;
  if (onTimeout !== "fail" && onTimeout !== "power-off") return undefined;
  return { kind: "shutdown", uid, vm, deadline, onTimeout };
}

const isTaskAction = (text: string): text is TaskAction => Object.hasOwn(taskActions, text);
