import type { OperationError } from "@virtrigaud/proto";
import { asProviderError } from "./as-provider-error.ts";

/**
 * Operation.error of whatever made an operation fail: what the RPC would have answered had it waited. An unknown error becomes
 * INTERNAL with a reference; a shell that wants the cause in its log calls asProviderError first and passes its result.
 */
export function toOperationError(error: unknown): OperationError {
  const { code, reason, message, metadata, violations } = asProviderError(error);
  return { code, reason, message, metadata: { ...metadata }, violations: [...violations] };
}
