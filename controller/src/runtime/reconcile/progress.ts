import { ProviderCallError, fromOperationError } from "@virtrigaud/kit/client";
import { type Operation, OperationState, type VM } from "@virtrigaud/proto";
import { type Failure, failureOf } from "../../failure.ts";
import type { VirtualMachineStatus } from "../../status-types.ts";

/** Where a VM's life stands between two steps. */
export interface Progress {
  readonly observed: VM | undefined;
  /** Digest of the declaration that the VM is complete from. */
  readonly completed: string | undefined;
  /** Name of an operation that was started and whose end was not seen. */
  readonly pending: string | undefined;
  /** The operation, as it was seen running. Nothing to do until it ends. */
  readonly running: Operation | undefined;
  /** The preparation of the VM's image, as it was seen running. Nothing to do until it ends. */
  readonly preparing: Operation | undefined;
  /** Whether the image was seen to be ready. */
  readonly imageReady: boolean;
  /** Whether CreateVM found a VM of this uid that was made from another declaration. */
  readonly mismatched: boolean;
  /** Whether ReconfigureVM accepted the declaration in this pass. */
  readonly reconfigured: boolean;
  readonly failure: Failure | undefined;
  /** The VM was to go and is gone. */
  readonly deleted: boolean;
}

/** What an earlier pass, maybe of an earlier process, left behind. */
export function resumed(status: VirtualMachineStatus | undefined): Progress {
  return {
    observed: undefined,
    completed: status?.specDigest,
    pending: status?.lastTaskRef,
    running: undefined,
    preparing: undefined,
    imageReady: false,
    mismatched: false,
    reconfigured: false,
    failure: undefined,
    deleted: false,
  };
}

/** Whether something has to end or to be put right before another step makes sense. */
export function isHeld({ running, preparing, failure, deleted }: Progress): boolean {
  return running !== undefined || preparing !== undefined || failure !== undefined || deleted;
}

/** With an operation that was started, or seen again. */
export function started(operation: Operation | undefined, progress: Progress): Progress {
  if (operation?.state === OperationState.RUNNING)
    return { ...progress, pending: operation.name, running: operation };
  if (operation?.error === undefined || operation.error.reason === "INTERRUPTED") return progress;
  return { ...progress, failure: failureOf(fromOperationError(operation.error, operation.description)) };
}

/** With what a provider refused; any other error, and the end of the work itself, is thrown. */
export function failed(error: unknown, progress: Progress, signal: AbortSignal): Progress {
  signal.throwIfAborted();
  if (!(error instanceof ProviderCallError)) throw error;
  return { ...progress, failure: failureOf(error) };
}
