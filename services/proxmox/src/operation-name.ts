import { decodeOperationName, encodeOperationName, invalidArgument, violation } from "@virtrigaud/kit";
import { Operation, OperationState } from "@virtrigaud/proto";

/** Work of Proxmox VE's: the task, and what it is for, so that its end can be explained after a restart. */
export interface TaskOperation {
  kind: "task";
  action: TaskAction;
  /** Owner of the VM; "" where the task has none. */
  uid: string;
  upid: string;
  /** What the task is about beside the VM: a snapshot's name; "" for nothing. */
  subject: string;
}

/** Something that was there already, or is answered at once. */
export interface DoneOperation {
  kind: "done";
  description: string;
}

/** A look at nodes; asked for again, it looks again. */
export interface HostsOperation {
  kind: "hosts";
  names: string[];
}

/** Operations that are answered for without the daemon's memory. All others are jobs. */
export type NamedOperation = TaskOperation | DoneOperation | HostsOperation;

/** What a task was started for, in words for people. */
export const taskActions = {
  seed: "upload the cloud-init seed",
  create: "create VM",
  clone: "clone VM",
  resize: "grow a disk",
  "power-on": "power on",
  resume: "resume",
  "power-off": "power off",
  shutdown: "shut down the guest",
  reboot: "reboot",
  restart: "restart the VM for its new configuration",
  reset: "reset",
  suspend: "suspend",
  destroy: "delete VM",
  snapshot: "create snapshot",
  "quiesced-snapshot": "create snapshot with quiesced file systems",
  revert: "revert to snapshot",
  "delete-snapshot": "delete snapshot",
  download: "download the image",
  import: "import the image",
  template: "make the image a template",
} as const;
export type TaskAction = keyof typeof taskActions;

/** Everything an operation needs to be answered for by a daemon that has just started. */
export function operationName(operation: NamedOperation): string {
  switch (operation.kind) {
    case "task": {
      const { action, uid, upid, subject } = operation;
      return encodeOperationName("task", [action, uid, upid, subject]);
    }
    case "done":
      return encodeOperationName("done", [operation.description]);
    case "hosts":
      return encodeOperationName("hosts", operation.names);
  }
}

/** The reverse of {@link operationName}. @throws ProviderError INVALID_ARGUMENT for a name that this provider never gave out. */
export function parseOperationName(name: string): NamedOperation {
  const { kind, fields } = decodeOperationName(name);
  const operation = parse(kind, fields);
  if (operation !== undefined) return operation;
  throw invalidArgument([
    violation("name", "INVALID_OPERATION_NAME", "is not the name of an operation of this provider"),
  ]);
}

function parse(kind: string, fields: readonly string[]): NamedOperation | undefined {
  if (kind === "hosts") return { kind, names: [...fields] };
  if (kind === "task") return parseTask(fields);
  const [description, ...rest] = fields;
  return kind === "done" && description && rest.length === 0 ? { kind, description } : undefined;
}

function parseTask([action = "", uid, upid, subject, ...rest]: readonly string[]): TaskOperation | undefined {
  if (!isTaskAction(action) || uid === undefined || !upid || subject === undefined || rest.length > 0)
    return undefined;
  return { kind: "task", action, uid, upid, subject };
}

const isTaskAction = (text: string): text is TaskAction => Object.hasOwn(taskActions, text);

/** An operation that has ended well. */
export const doneOperation = (
  description: string,
  name: string = operationName({ kind: "done", description }),
): Operation =>
  Operation.fromPartial({ name, description, state: OperationState.SUCCEEDED, progressPercent: 100 });
