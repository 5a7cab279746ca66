import { Metadata, type status } from "@grpc/grpc-js";
import { Any, BadRequest, ErrorInfo, RetryInfo, Status } from "@virtrigaud/proto/google";
import { asProviderError } from "./as-provider-error.ts";
import { DETAILS_TRAILER, ERROR_DOMAIN, TYPE_URL } from "./details.ts";
import type { ProviderError } from "./provider-error.ts";

/** What grpc-js sends for a failed call. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** The gRPC status of whatever was thrown, with its google.rpc.Status in the trailer. Unknown errors become INTERNAL; nothing leaks. */
export function toStatus(error: unknown): CallStatus {
  const known = asProviderError(error);
  const message = printable(known.message);
  const metadata = new Metadata();
  const wire = Status.encode({ code: known.code, message, details: details(known) }).finish();
  metadata.set(DETAILS_TRAILER, Buffer.from(wire));
  return { code: known.code, details: message, metadata };
}

// grpc-message is a header: half a surrogate pair breaks its encoding, and some clients refuse headers of more than 8 KiB.
function printable(message: string): string {
  const wellFormed = Buffer.from(message).toString();
  return wellFormed.length <= 2_000 ? wellFormed : `${Buffer.from(wellFormed.slice(0, 1_999)).toString()}…`;
}

function details(error: ProviderError): Any[] {
  const { reason, metadata, violations, retryAfterMs } = error;
  const all = [
    pack(TYPE_URL.errorInfo, ErrorInfo.encode({ reason, domain: ERROR_DOMAIN, metadata: { ...metadata } })),
  ];
  if (violations.length > 0) {
    const fieldViolations = violations.map((one) => ({ ...one, localizedMessage: undefined }));
    all.push(pack(TYPE_URL.badRequest, BadRequest.encode({ fieldViolations })));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: Math.floor(retryAfterMs / 1000),
      nanos: Math.round((retryAfterMs % 1000) * 1e6),
    };
    all.push(pack(TYPE_URL.retryInfo, RetryInfo.encode({ retryDelay })));
  }
  return all;
}

function pack(typeUrl: string, message: { finish(): Uint8Array }): Any {
  return { typeUrl, value: Buffer.from(message.finish()) };
}
