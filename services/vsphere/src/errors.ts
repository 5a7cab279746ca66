import { ProviderError, status } from "@virtrigaud/kit";
import { VimFault, VimInvalidLogin, VimProtocolError, VimTlsError, VimUnreachable } from "./client/errors.ts";
import { type Fault, faultMeaning, faultSentence } from "./mapping/faults.ts";

/** Retryable errors come with this pause; long enough for a lock to be released, short enough not to be noticed. */
const retryAfterMs = 500;

/** A vCenter error in the contract's words; anything that is no vCenter error is returned as it is. `action` names what was tried and on what. */
export function providerError(action: string, error: unknown): unknown {
  if (error instanceof VimFault) return faultError(action, vimFault(error), error);
  if (error instanceof VimUnreachable || error instanceof VimProtocolError) {
    return new ProviderError({
      code: status.UNAVAILABLE,
      reason: "HYPERVISOR_UNREACHABLE",
      message: `${action}: ${error.message}`,
      retryAfterMs,
      cause: error,
    });
  }
  if (error instanceof VimTlsError) {
    return new ProviderError({
      code: status.UNAVAILABLE,
      reason: "HYPERVISOR_CERTIFICATE",
      message: `${action}: ${error.message}`,
      cause: error,
    });
  }
  if (error instanceof VimInvalidLogin) {
    return new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "HYPERVISOR_CREDENTIALS",
      message: `${action}: ${error.message}`,
      cause: error,
    });
  }
  return error;
}

/** A vim25 fault, of a call or of a task, as the error that the caller gets. */
export function faultError(action: string, fault: Fault, cause?: unknown): ProviderError {
  const { code, reason } = faultMeaning(fault);
  const retryable = code === "ABORTED" || code === "UNAVAILABLE";
  return new ProviderError({
    code: status[code],
    reason,
    message: faultSentence(action, fault),
    metadata: { fault: fault.faultType },
    ...(retryable ? { retryAfterMs } : {}),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The fault that a call was refused with. */
export const vimFault = ({ faultType, faultString, detail }: VimFault): Fault => ({
  faultType,
  message: faultString,
  detail,
});

/** Whether a call was refused with one of these vim25 fault types. */
export const isFault = (error: unknown, ...types: string[]): error is VimFault =>
  error instanceof VimFault && types.includes(error.faultType);

/** Runs one call to vCenter and puts its failure into the contract's words. */
export async function attempt<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw providerError(action, error);
  }
}
