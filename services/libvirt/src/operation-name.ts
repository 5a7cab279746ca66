import { decodeOperationName, encodeOperationName, invalidArgument, violation } from "@virtrigaud/kit";
import { Operation, OperationState } from "@virtrigaud/proto";

/** A guest that was asked to shut down: nothing waits for it, whoever looks sees whether it is off. */
export interface ShutdownOperation {
  kind: "shutdown";
  uid: string;
  /** Epoch milliseconds. */
  deadline: number;
  onTimeout: "fail" | "power-off";
}

/** Something that was there already, or is answered at once. */
export interface DoneOperation {
  kind: "done";
  description: string;
}

/** Operations that are answered for without the daemon's memory. All others are jobs. */
export type NamedOperation = ShutdownOperation | DoneOperation;

/** Everything an operation needs to be answered for by a daemon that has just started. */
export function operationName(operation: NamedOperation): string {
  if (operation.kind === "done") return encodeOperationName("done", [operation.description]);
  const { uid, deadline, onTimeout } = operation;
  return encodeOperationName("shutdown", [uid, String(deadline), onTimeout]);
}

/** The reverse of {@link operationName}. @throws ProviderError INVALID_ARGUMENT for a name that this provider never gave out. */
export function parseOperationName(name: string): NamedOperation {
  const { kind, fields } = decodeOperationName(name);
  const operation =
    kind === "done" ? parseDone(fields) : kind === "shutdown" ? parseShutdown(fields) : undefined;
  if (operation !== undefined) return operation;
  throw invalidArgument([
    violation("name", "INVALID_OPERATION_NAME", "is not the name of an operation of this provider"),
  ]);
}

function parseDone([description, ...rest]: readonly string[]): DoneOperation | undefined {
  return description && rest.length === 0 ? { kind: "done", description } : undefined;
}

function parseShutdown([uid, time = "", onTimeout, ...rest]: readonly string[]):
  | ShutdownOperation
  | undefined {
  const deadline = /^\d{1,15}$/.test(time) ? Number(time) : undefined;
  if (!uid || deadline === undefined || rest.length > 0) return undefined;
  if (onTimeout !== "fail" && onTimeout !== "power-off") return undefined;
  return { kind: "shutdown", uid, deadline, onTimeout };
}

/** An operation that has ended well. */
export const doneOperation = (description: string, name = operationName({ kind: "done", description })) =>
  Operation.fromPartial({ name, description, state: OperationState.SUCCEEDED, progressPercent: 100 });
