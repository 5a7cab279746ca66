import { type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { OperationError, Violation } from "@virtrigaud/proto";
import { type Any, BadRequest, ErrorInfo, RetryInfo, Status } from "@virtrigaud/proto/google";
import { DETAILS_TRAILER, TYPE_URL } from "../errors/details.ts";

/** What a {@link ProviderCallError} is made of. */
export interface CallFailure {
  readonly code: status;
  /** As in the table of errors in provider.proto; empty when the provider told none. */
  readonly reason: string;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  /** When to call again, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
  /** What was called: "createVm". */
  readonly rpc: string;
  readonly cause?: unknown;
}

/** A call, or the operation it started, failed. The message is the provider's, for people. */
export class ProviderCallError extends Error {
  override readonly name = "ProviderCallError";
  readonly code: status;
  /** "FAILED_PRECONDITION". */
  readonly codeName: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  readonly retryAfterMs: number | undefined;
  readonly rpc: string;

  constructor(failure: CallFailure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.code = failure.code;
    this.codeName = codeName(failure.code);
    this.reason = failure.reason;
    this.metadata = failure.metadata ?? {};
    this.violations = failure.violations ?? [];
    this.retryAfterMs = failure.retryAfterMs;
    this.rpc = failure.rpc;
  }
}

/** Name of a gRPC status code; "CODE_99" for one that does not exist. */
export function codeName(code: number): string {
  return status[code] ?? `CODE_${code}`;
}

/**
 * Decodes what grpc-js rejected a call with. Providers that send no details, or garbled ones, get an error without them.
 * @param target where the call went, for errors that came of the connection and not of the provider.
 */
export function fromServiceError(error: ServiceError, rpc: string, target: string): ProviderCallError {
  const details = readDetails(error.metadata);
  const info = find(details, TYPE_URL.errorInfo, ErrorInfo);
  const badRequest = find(details, TYPE_URL.badRequest, BadRequest);
  const delay = find(details, TYPE_URL.retryInfo, RetryInfo)?.retryDelay;
  return new ProviderCallError({
    code: error.code,
    reason: info?.reason ?? "",
    message:
      info === undefined && error.code === status.UNAVAILABLE ? `${target}: ${error.details}` : error.details,
    metadata: info?.metadata ?? {},
    violations: (badRequest?.fieldViolations ?? []).map(({ field, reason, description }) => ({
      field,
      reason,
      description,
    })),
    retryAfterMs: delay && delay.seconds * 1000 + delay.nanos / 1e6,
    rpc,
    cause: error,
  });
}

/** The error of an operation as the call would have thrown it had it waited. */
export function fromOperationError(error: OperationError, rpc: string): ProviderCallError {
  return new ProviderCallError({ ...error, rpc });
}

function readDetails(metadata: Metadata | undefined): Any[] {
  const [raw] = metadata?.get(DETAILS_TRAILER) ?? [];
  return raw instanceof Uint8Array ? (decode(raw, Status)?.details ?? []) : [];
}

interface Decoder<T> {
  decode(wire: Uint8Array): T;
}

function find<T>(details: readonly Any[], typeUrl: string, decoder: Decoder<T>): T | undefined {
  const any = details.find((detail) => detail.typeUrl === typeUrl);
  return any && decode(any.value, decoder);
}

function decode<T>(wire: Uint8Array, decoder: Decoder<T>): T | undefined {
  try {
    return decoder.decode(wire);
  } catch {
    // Details are a courtesy: the code and message stand without them.
    return undefined;
  }
}
