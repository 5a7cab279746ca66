import {
  ProviderCallError,
  type ProviderConnection,
  fromOperationError,
  status as code,
} from "@virtrigaud/kit/client";
import {
  EnsureState,
  GracefulTimeoutPolicy,
  type Operation,
  OperationState,
  type VM,
  type VMSpec,
  View,
} from "@virtrigaud/proto";
import type { Step } from "../../decide.ts";
import { type Failure, failureOf } from "../../failure.ts";

/** What steps act with. */
export interface Actor {
  readonly connection: ProviderConnection;
  readonly uid: string;
  readonly controllerId: string;
  /** The VM as it shall be; undefined when it shall go. */
  readonly spec: VMSpec | undefined;
  /** Digest of `spec`. */
  readonly digest: string | undefined;
  readonly signal: AbortSignal;
}

/** Where a VM's life stands between two steps. */
export interface Progress {
  readonly observed: VM | undefined;
  /** Digest of the declaration that the VM is complete from. */
  readonly completed: string | undefined;
  /** Name of an operation that was started and whose end was not seen. */
  readonly pending: string | undefined;
  /** The operation, as it was seen running. Nothing to do until it ends. */
  readonly running: Operation | undefined;
  readonly failure: Failure | undefined;
  /** The VM was to go and is gone. */
  readonly deleted: boolean;
}

/** Does one step. What the provider refuses becomes a failure; any other error is thrown. */
export async function act(step: Step, before: Progress, actor: Actor): Promise<Progress> {
  // A VM that has to be made is not complete, also when that fails.
  const progress = step.kind === "create" ? { ...before, completed: undefined, observed: undefined } : before;
  try {
    switch (step.kind) {
      case "wait":
        return await lookAtOperation(step.operation, progress, actor);
      case "create":
        return await create(progress, actor);
      case "power":
        return await power(step, progress, actor);
      case "delete":
        return await remove(progress, actor);
      default:
        return progress;
    }
  } catch (error) {
    return failed(error, progress, actor);
  }
}

/** Reads the VM. Only the hypervisor's own NOT_FOUND means that it is gone. */
export async function observe(progress: Progress, actor: Actor): Promise<Progress> {
  const { connection, uid, signal } = actor;
  try {
    const { vm } = await connection.getVm(
      { vm: { reference: { $case: "uid", value: uid } }, view: View.FULL },
      { signal },
    );
    return { ...progress, observed: vm };
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === code.NOT_FOUND)
      return { ...progress, observed: undefined };
    return failed(error, progress, actor);
  }
}

async function create(
  progress: Progress,
  { connection, uid, spec, digest, controllerId, signal }: Actor,
): Promise<Progress> {
  const { state, operation, vm } = await connection.createVm({ uid, spec, controllerId }, { signal });
  if (state === EnsureState.COMPLETE) return { ...progress, completed: digest, observed: vm };
  return started(operation, progress);
}

async function power(
  step: Extract<Step, { kind: "power" }>,
  progress: Progress,
  actor: Actor,
): Promise<Progress> {
  const { connection, uid, signal } = actor;
  const { operation } = await connection.setPower(
    {
      uid,
      action: step.action,
      gracefulTimeoutSeconds: step.gracefulTimeoutSeconds,
      onGracefulTimeout: GracefulTimeoutPolicy.POWER_OFF,
      overrideNestedGuard: false,
    },
    { signal },
  );
  const after = started(operation, progress);
  return after.running === undefined && after.failure === undefined ? observe(after, actor) : after;
}

async function remove(progress: Progress, { connection, uid, signal }: Actor): Promise<Progress> {
  const { state, operation } = await connection.deleteVm({ uid, retainDisks: false }, { signal });
  return state === EnsureState.COMPLETE ? { ...progress, deleted: true } : started(operation, progress);
}

/** The operation that an earlier pass left. Once it is over, or forgotten, calling again shows what is left to do. */
async function lookAtOperation(name: string, progress: Progress, actor: Actor): Promise<Progress> {
  const over = { ...progress, pending: undefined, running: undefined };
  try {
    const { operation } = await actor.connection.getOperation({ name }, { signal: actor.signal });
    const after = started(operation, over);
    return after.running === undefined && after.failure === undefined && after.completed !== undefined
      ? observe(after, actor)
      : after;
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === code.NOT_FOUND) return over;
    throw error;
  }
}

function started(operation: Operation | undefined, progress: Progress): Progress {
  if (operation?.state === OperationState.RUNNING)
    return { ...progress, pending: operation.name, running: operation };
  if (operation?.error === undefined || operation.error.reason === "INTERRUPTED") return progress;
  return { ...progress, failure: failureOf(fromOperationError(operation.error, operation.description)) };
}

function failed(error: unknown, progress: Progress, { signal }: Actor): Progress {
  signal.throwIfAborted();
  if (!(error instanceof ProviderCallError)) throw error;
  return { ...progress, failure: failureOf(error) };
}
