import { decodeOperationName, encodeOperationName, ProviderError, status } from "@virtrigaud/kit";

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

/** The reverse of {@link operationName}; a name of another provider is INVALID_ARGUMENT. */
export function parseOperationName(name: string): NamedOperation {
  const { kind, fields } = decodeOperationName(name);
  const [first = "", second = "", third = "", fourth = ""] = fields;
  if (kind === "task" && first in taskActions)
    return { kind, action: first as TaskAction, uid: second, task: third };
  if (kind === "shutdown") {
    return {
      kind,
      uid: first,
      vm: second,
      deadline: Number(third),
      onTimeout: fourth === "power-off" ? "power-off" : "fail",
    };
  }
  if (kind === "done") return { kind, description: first };
  if (kind === "hosts") return { kind, names: fields };
  throw new ProviderError({
    code: status.INVALID_ARGUMENT,
    reason: "OPERATION_NAME_INVALID",
    message: "this is not the name of an operation of this provider",
  });
}
