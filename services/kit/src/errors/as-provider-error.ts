import { randomBytes } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { ProviderError } from "./provider-error.ts";

/**
 * Makes of whatever was thrown what the caller may see. A ProviderError stays as it is. An error that came of the call's own
 * cancellation or deadline becomes that. Anything else is a defect: INTERNAL with a random reference (metadata.reference) and
 * nothing of the original, which is the cause and belongs in the log beside the reference.
 * @param signal the call's signal, whose reason tells a cancellation from a deadline.
 */
export function asProviderError(error: unknown, signal?: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error;
  if (signal?.aborted && cameOf(error, signal)) return abortReason(signal);
  const reference = randomBytes(6).toString("hex");
  return new ProviderError({
    code: status.INTERNAL,
    reason: "INTERNAL",
    message: `internal error, see the provider's log, reference ${reference}`,
    metadata: { reference },
    cause: error,
  });
}

/** The signal's reason as the caller may see it. */
export function abortReason(signal: AbortSignal): ProviderError {
  if (signal.reason instanceof ProviderError) return signal.reason;
  return new ProviderError({
    code: status.CANCELLED,
    reason: "CANCELLED",
    message: "the call was cancelled",
  });
}

// Node's own functions wrap the reason: an AbortError whose cause it is, and fetch wraps that again.
function cameOf(error: unknown, signal: AbortSignal): boolean {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 8; depth += 1) {
    if (at === signal.reason) return true;
    if (typeof at !== "object") return false;
    if ("name" in at && at.name === "AbortError") return true;
    at = "cause" in at ? at.cause : undefined;
  }
  return false;
}
