import { type ProviderCallError, codeName, status } from "@virtrigaud/kit/client";

/** A provider's error as the controller acts on it and tells it. */
export interface Failure {
  /** The provider's reason in UPPER_SNAKE_CASE, or the code's name when it gave none. */
  readonly reason: string;
  /** With the remedy, as the provider worded it; every violation in it. */
  readonly message: string;
  /** Whether it may pass by itself. False: something has to be changed first. */
  readonly passing: boolean;
  /** Least time until another attempt in milliseconds, where the provider named one. */
  readonly retryAfterMs: number | undefined;
}

const PASSING: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.ABORTED,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
  status.UNKNOWN,
]);

/** Reads an error of a provider call. */
export function failureOf(error: ProviderCallError): Failure {
  const details = error.violations.map(({ field, description }) => `${field}: ${description}`);
  // A provider words its violations into the message or leaves them to the details; they are not said twice.
  const missing = details.filter(
    (_, index) => !error.message.includes(error.violations[index]?.description ?? ""),
  );
  return {
    reason: error.reason === "" ? codeName(error.code) : error.reason,
    message: [error.message, ...missing].join("; "),
    passing: PASSING.has(error.code),
    retryAfterMs: error.retryAfterMs,
  };
}
