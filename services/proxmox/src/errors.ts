import { ProviderError, status } from "@virtrigaud/kit";
import {
  PveCredentialsRefused,
  PveError,
  PveNodeUnreachable,
  PveProtocolError,
  PveTlsError,
  PveUnreachable,
} from "./client/index.ts";
import type { FaultMeaning } from "./mapping/fault-meanings.ts";
import { faultMeaning, faultSentence, faultViolations } from "./mapping/faults.ts";
import { type TaskFault, taskMeaning, taskSentence } from "./mapping/task-faults.ts";

/** Retryable errors come with this pause; long enough for a lock to be released, short enough not to be noticed. */
const retryAfterMs = 500;

/** An error of Proxmox VE's in the contract's words; anything else is returned as it is. `action` names what was tried and on what. */
export function providerError(action: string, error: unknown): unknown {
  if (error instanceof PveError) return refusal(action, error);
  const known = wordsFor(error);
  if (known === undefined) return error;
  const { code, reason } = known;
  return new ProviderError({
    code,
    reason,
    message: `${action}: ${(error as Error).message}`,
    ...(code === status.UNAVAILABLE ? { retryAfterMs } : {}),
    cause: error,
  });
}

function wordsFor(error: unknown): { code: status; reason: string } | undefined {
  if (error instanceof PveNodeUnreachable) return { code: status.UNAVAILABLE, reason: "NODE_UNREACHABLE" };
  if (error instanceof PveUnreachable || error instanceof PveProtocolError)
    return { code: status.UNAVAILABLE, reason: "HYPERVISOR_UNREACHABLE" };
  if (error instanceof PveTlsError) return { code: status.UNAVAILABLE, reason: "HYPERVISOR_CERTIFICATE" };
  if (error instanceof PveCredentialsRefused)
    return { code: status.FAILED_PRECONDITION, reason: "HYPERVISOR_CREDENTIALS" };
  return undefined;
}

const refusal = (action: string, error: PveError): ProviderError =>
  worded(faultMeaning(error), faultSentence(action, error), {
    violations: faultViolations(error),
    metadata: { status: String(error.status) },
    cause: error,
  });

/** A task that failed as the error that the caller gets. */
export const taskError = (action: string, fault: TaskFault): ProviderError =>
  worded(taskMeaning(fault), taskSentence(action, fault), {});

function worded(
  { code, reason }: FaultMeaning,
  message: string,
  more: Partial<ConstructorParameters<typeof ProviderError>[0]>,
): ProviderError {
  const retryable = code === "ABORTED" || code === "UNAVAILABLE";
  return new ProviderError({
    code: status[code],
    reason,
    message,
    ...(retryable ? { retryAfterMs } : {}),
    ...more,
  });
}

/** Whether Proxmox VE refused a call for one of these reasons, by mapping/fault-meanings. */
export const isRefused = (error: unknown, ...reasons: readonly string[]): error is PveError =>
  error instanceof PveError && reasons.includes(faultMeaning(error).reason);

/** Runs calls to Proxmox VE and puts their failure into the contract's words. */
export async function attempt<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw providerError(action, error);
  }
}

/** What a read answers; undefined when Proxmox VE says that the object does not exist. */
export async function unlessGone<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isRefused(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}
