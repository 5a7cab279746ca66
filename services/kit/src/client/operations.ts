import { status } from "@grpc/grpc-js";
import { EnsureState, type Operation, OperationState } from "@virtrigaud/proto";
import { pauseCall } from "./calls.ts";
import { fromOperationError, ProviderCallError } from "./call-error.ts";
import type { CallOptions, ProviderConnection } from "./connect.ts";

/** What waiting for operations needs of a connection. */
export type OperationCalls = Pick<ProviderConnection, "getOperation">;

/** How long to wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** 1,800,000 (half an hour) without it. */
  readonly timeoutMs?: number;
  /** Told of the operation each time it was read. */
  readonly onProgress?: (operation: Operation) => void;
}

/** What CreateVM, ReconfigureVM, DeleteVM, CloneVM and PrepareImage have in common. */
export interface EnsureResponse {
  readonly state: EnsureState;
  readonly operation: Operation | undefined;
}

const TIMEOUT_MS = 30 * 60_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Reads an operation until it is done, first after 20 ms, then ever more seldom up to every 2 seconds. Between answers an
 * unreachable provider is borne with: the operation goes on without it.
 * @returns the operation, SUCCEEDED.
 * @throws ProviderCallError what Operation.error says, NOT_FOUND when the hypervisor no longer remembers it, or
 *   DEADLINE_EXCEEDED OPERATION_TIMEOUT.
 */
export async function waitForOperation(
  connection: OperationCalls,
  operation: Operation,
  options: WaitOptions = {},
): Promise<Operation> {
  const deadline = Date.now() + (options.timeoutMs ?? TIMEOUT_MS);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  let latest = operation;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    options.onProgress?.(latest);
    if (latest.state === OperationState.SUCCEEDED) return latest;
    if (latest.state !== OperationState.RUNNING) throw failureOf(latest);
    if (Date.now() + pauseMs > deadline) throw timedOut(latest);
    await pauseCall("getOperation", pauseMs, options.signal);
    latest = await read(connection, latest, call);
  }
}

/**
 * Calls an ensure until it is COMPLETE, waiting for each operation in between. An operation that nobody remembers any longer, or
 * that a restart of the daemon interrupted, is no failure: calling again shows what is left to do.
 * @param call one call of the ensure, with the same request every time.
 * @throws ProviderCallError as the call and {@link waitForOperation} do.
 */
export async function untilComplete<R extends EnsureResponse>(
  connection: OperationCalls,
  call: (options: CallOptions) => Promise<R>,
  options: WaitOptions = {},
): Promise<R> {
  const deadline = Date.now() + (options.timeoutMs ?? TIMEOUT_MS);
  const callOptions = options.signal === undefined ? {} : { signal: options.signal };
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedFor = ""; ; ) {
    const response = await call(callOptions);
    if (response.state === EnsureState.COMPLETE) return response;
    if (response.operation === undefined) throw withoutOperation(response);
    const stuck = response.operation.name === waitedFor;
    const done = response.operation.state !== OperationState.RUNNING;
    pauseMs = stuck ? Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    waitedFor = response.operation.name;
    try {
      await waitForOperation(connection, response.operation, {
        ...options,
        timeoutMs: deadline - Date.now(),
      });
    } catch (error) {
      if (!(error instanceof ProviderCallError) || !meansCallAgain(error)) throw error;
    }
    if (Date.now() > deadline) throw timedOut(response.operation);
    // Waiting for a running operation was a pause; another only matters where a provider's calls move nothing on.
    if (stuck || done) await pauseCall("getOperation", pauseMs, options.signal);
  }
}

async function read(connection: OperationCalls, latest: Operation, call: CallOptions): Promise<Operation> {
  try {
    const { operation } = await connection.getOperation({ name: latest.name }, call);
    return operation ?? latest;
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === status.UNAVAILABLE) return latest;
    throw error;
  }
}

/** The task is forgotten, its work was lost with a daemon, or a race was lost: the ensure finds out what is due now. */
function meansCallAgain(error: ProviderCallError): boolean {
  if (error.rpc === "getOperation" && error.code === status.NOT_FOUND) return true;
  return error.reason === "INTERRUPTED" || error.code === status.ABORTED;
}

function failureOf(operation: Operation): ProviderCallError {
  const told = {
    code: status.UNKNOWN,
    reason: "",
    message: "",
    metadata: {},
    violations: [],
    ...operation.error,
  };
  const message =
    told.message ||
    `${operation.description || "the operation"} ended as ${operation.state} without an error`;
  return fromOperationError({ ...told, message }, operation.description);
}

function timedOut(operation: Operation): ProviderCallError {
  const what = operation.description || "the operation";
  return new ProviderCallError({
    code: status.DEADLINE_EXCEEDED,
    reason: "OPERATION_TIMEOUT",
    message: `${what} is still under way; it goes on without being waited for`,
    rpc: "getOperation",
    metadata: { operation: operation.name },
  });
}

function withoutOperation(response: EnsureResponse): ProviderCallError {
  return new ProviderCallError({
    code: status.INTERNAL,
    reason: "CONTRACT_VIOLATION",
    message: `the provider answered ${response.state} without an operation to wait for`,
    rpc: "ensure",
  });
}
