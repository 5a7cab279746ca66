import { ProviderError, status } from "@virtrigaud/kit";
import {
  type ErrorCode,
  LibvirtAuthError,
  LibvirtError,
  LibvirtProtocolError,
  LibvirtUnreachable,
} from "./client/index.ts";
import { faultMeaning, faultSentence } from "./mapping/faults.ts";

/** Retryable errors come with this pause; long enough for a lock to be released, short enough not to be noticed. */
const retryAfterMs = 500;

/** A libvirt error in the contract's words; anything that is no libvirt error is returned as it is. `action` names what was tried and on what. */
export function providerError(action: string, error: unknown): unknown {
  if (error instanceof LibvirtError) return refusal(action, error);
  if (error instanceof LibvirtUnreachable || error instanceof LibvirtProtocolError) {
    return new ProviderError({
      code: status.UNAVAILABLE,
      reason: "HYPERVISOR_UNREACHABLE",
      message: `${action}: ${error.message}`,
      retryAfterMs,
      cause: error,
    });
  }
  if (error instanceof LibvirtAuthError) {
    return new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "HYPERVISOR_CREDENTIALS",
      message: `${action}: ${error.message}`,
      cause: error,
    });
  }
  return error;
}

function refusal(action: string, error: LibvirtError): ProviderError {
  const fault = { code: error.code, domain: error.domain, message: error.message };
  const { code, reason } = faultMeaning(fault);
  const retryable = code === "ABORTED" || code === "UNAVAILABLE";
  return new ProviderError({
    code: status[code],
    reason,
    message: faultSentence(action, fault),
    metadata: { procedure: error.procedure, code: String(error.code) },
    ...(retryable ? { retryAfterMs } : {}),
    cause: error,
  });
}

/** Whether libvirtd refused a call with one of these numbers. */
export const isRefused = (error: unknown, ...codes: readonly (typeof ErrorCode)[keyof typeof ErrorCode][]) =>
  error instanceof LibvirtError && (codes as readonly number[]).includes(error.code);

/** Whether libvirtd has refused the call that an {@link attempt} failed at; without its answer it may do yet what it was asked. */
export const isAnswered = (error: unknown): boolean =>
  error instanceof ProviderError && error.cause instanceof LibvirtError;

/** Codes of a caller that gave up, a lost connection and a lost race: what was asked may be done yet. */
const open: readonly number[] = [
  status.ABORTED,
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.UNAVAILABLE,
];

/** Whether repeating what failed with this leads to the same. */
export const isFinal = (error: unknown): boolean =>
  error instanceof ProviderError && !open.includes(error.code);

/** Runs calls to libvirtd and puts their failure into the contract's words. */
export async function attempt<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw providerError(action, error);
  }
}

/** What a read answers; undefined when libvirtd says that the object does not exist. */
export async function unlessGone<T>(
  read: Promise<T>,
  ...codes: Parameters<typeof isRefused>[1][]
): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isRefused(error, ...codes)) return undefined;
    throw error;
  }
}
