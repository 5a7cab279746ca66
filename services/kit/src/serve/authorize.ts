import { ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import { ProviderError } from "../errors/provider-error.ts";
import { toStatus } from "../errors/status.ts";
import { callerOf } from "./caller.ts";
import type { Logger } from "./logger.ts";

/**
 * Lets only callers with one of these subject alternative names through, to whatever service; others get PERMISSION_DENIED with
 * the names that were seen.
 */
export function authorize(allowedSans: readonly string[], log: Logger): ServerInterceptor {
  const allowed = new Set(allowedSans);
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        const { sans, identity } = callerOf(call);
        if (sans.some((san) => allowed.has(san))) {
          next();
          return;
        }
        const error = denied(sans);
        log.warn({ path: method.path, caller: identity, reason: error.reason }, error.message);
        next({ onReceiveMetadata: () => call.sendStatus(toStatus(error)) });
      },
    });
}

function denied(sans: readonly string[]): ProviderError {
  const seen = sans.length === 0 ? "none" : sans.join(", ");
  return new ProviderError({
    code: status.PERMISSION_DENIED,
    reason: "CALLER_NOT_ALLOWED",
    message: `the client certificate's subject alternative names (${seen}) are not among VIRTRIGAUD_PROVIDER_ALLOWED_SANS`,
    metadata: { sans: sans.join(",") },
  });
}
