import { status } from "@grpc/grpc-js";
import type { Violation } from "@virtrigaud/proto";

/** What a {@link ProviderError} is made of. */
export interface ProviderErrorInit {
  readonly code: status;
  /** UPPER_SNAKE_CASE, as in the table of errors in provider.proto. */
  readonly reason: string;
  /** For people: what is wrong, where, and which knob to turn. No secrets. */
  readonly message: string;
  /** As in google.rpc.ErrorInfo. No secrets. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  /** When to call again, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** The native error, for the log only. */
  readonly cause?: unknown;
}

/** An error as the contract knows it. Everything but its cause and stack reaches the caller. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly code: status;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  readonly retryAfterMs: number | undefined;

  constructor(init: ProviderErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.reason = init.reason;
    this.metadata = init.metadata ?? {};
    this.violations = init.violations ?? [];
    this.retryAfterMs = init.retryAfterMs;
  }
}

/** One thing that is wrong with a request; see Violation in operation.proto. */
export function violation(field: string, reason: string, description: string): Violation {
  return { field, reason, description };
}

/** The request is wrong on its own. The reason is the violations' where they agree, else INVALID_REQUEST. */
export function invalidArgument(violations: readonly Violation[]): ProviderError {
  const reasons = new Set(violations.map(({ reason }) => reason));
  const [only] = reasons;
  const reason = reasons.size === 1 && only !== undefined ? only : "INVALID_REQUEST";
  return new ProviderError({
    code: status.INVALID_ARGUMENT,
    reason,
    message: summary(violations),
    violations,
  });
}

/** The hypervisor as it is cannot do it. The reason is the first refusal's. */
export function failedPrecondition(violations: readonly Violation[]): ProviderError {
  const reason = violations[0]?.reason ?? "FAILED_PRECONDITION";
  return new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason,
    message: summary(violations),
    violations,
  });
}

function summary(violations: readonly Violation[]): string {
  return violations
    .map(({ field, description }) => (field === "" ? description : `${field}: ${description}`))
    .join("; ");
}
