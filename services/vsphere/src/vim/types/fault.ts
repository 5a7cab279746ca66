import type { ManagedObjectReference } from "./reference.ts";

/** A message with its catalog key; `message` is there when the server has localised it. */
export interface LocalizableMessage {
  key: string;
  arg?: KeyAnyValue[];
  message?: string;
}

export interface KeyAnyValue {
  key: string;
  value: unknown;
}

/** A fault as data: `$type` names it ("NoPermission"), its own fields stand beside it. */
export interface MethodFault {
  $type?: string;
  faultCause?: LocalizedMethodFault;
  faultMessage?: LocalizableMessage[];
  [field: string]: unknown;
}

export interface LocalizedMethodFault {
  fault: MethodFault;
  localizedMessage?: string;
}

/** State and outcome of a long-running operation. `progress` is a percentage, present while running. */
export interface TaskInfo {
  key: string;
  task: ManagedObjectReference<"Task">;
  description?: LocalizableMessage;
  name?: string;
  descriptionId: string;
  entity?: ManagedObjectReference;
  entityName?: string;
  state: "queued" | "running" | "success" | "error";
  cancelled: boolean;
  cancelable: boolean;
  error?: LocalizedMethodFault;
  /** What the task made: a ManagedObjectReference for create and clone. */
  result?: unknown;
  progress?: number;
  queueTime: string;
  startTime?: string;
  completeTime?: string;
  eventChainId: number;
}

/** One finding of the provisioning checker. */
export interface CheckResult {
  vm?: ManagedObjectReference<"VirtualMachine">;
  host?: ManagedObjectReference<"HostSystem">;
  warning?: LocalizedMethodFault[];
  error?: LocalizedMethodFault[];
}
