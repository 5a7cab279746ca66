import { Metadata, status } from "@grpc/grpc-js";
import type { OperationError, Violation } from "@virtrigaud/proto";
import { Any, BadRequest, ErrorInfo, RetryInfo, Status } from "@virtrigaud/proto/google";

/** What a fault may carry beside code, reason and message. */
export interface FaultDetail {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  /** After how many milliseconds the same call may succeed. */
  readonly retryMs?: number;
}

/** An error of the contract: a canonical code and one reason in UPPER_SNAKE_CASE. */
export class Fault extends Error {
  readonly code: status;
  readonly reason: string;
  readonly detail: FaultDetail;

  constructor(code: status, reason: string, message: string, detail: FaultDetail = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.detail = detail;
  }
}

/** INVALID_ARGUMENT with every violation at once. */
export function invalid(violations: readonly Violation[]): Fault {
  return listing(status.INVALID_ARGUMENT, violations);
}

/** FAILED_PRECONDITION with every refusal at once. */
export function refused(violations: readonly Violation[]): Fault {
  return listing(status.FAILED_PRECONDITION, violations);
}

/** NOT_FOUND: `what` names the thing that the hypervisor does not have. */
export function notFound(what: string): Fault {
  return new Fault(status.NOT_FOUND, "NOT_FOUND", `${what} does not exist on this hypervisor`);
}

/** The fault as the error of an operation. */
export function toOperationError(fault: Fault): OperationError {
  return {
    code: fault.code,
    reason: fault.reason,
    message: fault.message,
    metadata: { ...fault.detail.metadata },
    violations: [...(fault.detail.violations ?? [])],
  };
}

/** What grpc-js answers for an error: a fault with its details, anything else as INTERNAL without a word about the cause. */
export function toStatus(error: unknown): { code: status; details: string; metadata: Metadata } {
  const fault =
    error instanceof Fault
      ? error
      : new Fault(status.INTERNAL, "INTERNAL", "internal error of the memory provider, see its log");
  const metadata = new Metadata();
  metadata.set(
    "grpc-status-details-bin",
    Buffer.from(
      Status.encode({ code: fault.code, message: fault.message, details: details(fault) }).finish(),
    ),
  );
  return { code: fault.code, details: fault.message, metadata };
}

function details(fault: Fault): Any[] {
  const { metadata = {}, violations = [], retryMs } = fault.detail;
  const info = ErrorInfo.fromPartial({ reason: fault.reason, domain: "virtrigaud.io", metadata });
  const list = [any("ErrorInfo", ErrorInfo.encode(info).finish())];
  if (violations.length > 0) {
    const request = BadRequest.fromPartial({ fieldViolations: [...violations] });
    list.push(any("BadRequest", BadRequest.encode(request).finish()));
  }
  if (retryMs !== undefined) {
    const retryDelay = { seconds: Math.floor(retryMs / 1000), nanos: (retryMs % 1000) * 1e6 };
    list.push(any("RetryInfo", RetryInfo.encode({ retryDelay }).finish()));
  }
  return list;
}

function any(name: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(value) };
}

function listing(code: status, violations: readonly Violation[]): Fault {
  const message = violations.map(({ field, description }) => `${field}: ${description}`).join("; ");
  return new Fault(code, violations[0]?.reason ?? "INVALID_REQUEST", message, { violations });
}
