import { status } from "@grpc/grpc-js";
import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhenResult,
} from "cockatiel";
import { ProviderCallError } from "./call-error.ts";
import { BREAKER_OPEN } from "./retry.ts";

/** Stands before a provider's calls. */
export type Breaker = <T>(rpc: string, attempt: () => Promise<T>) => Promise<T>;

const FAILURES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Refuses calls without trying after five in a row met an unreachable or silent provider. After half a second, and then ever
 * later up to 15 seconds, one call is let through to see. Every other error is an answer and closes the breaker.
 */
export function createBreaker(address: string): Breaker {
  // cockatiel forgets to count unhandled errors as successes, hence outcomes instead of errors.
  const policy = circuitBreaker(
    handleWhenResult((outcome) => isSilence(outcome as Outcome<unknown>)),
    {
      halfOpenAfter: new ExponentialBackoff({ initialDelay: FIRST_PAUSE_MS, maxDelay: LONGEST_PAUSE_MS }),
      breaker: new ConsecutiveBreaker(FAILURES),
    },
  );
  return async <T>(rpc: string, attempt: () => Promise<T>): Promise<T> => {
    const settled = (): Promise<Outcome<T>> =>
      attempt().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
    const outcome = await policy.execute<Outcome<T>>(settled).catch((error: unknown) => {
      throw error instanceof BrokenCircuitError ? breakerOpen(rpc, address) : error;
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  };
}

function isSilence(outcome: Outcome<unknown>): boolean {
  if (!("error" in outcome) || !(outcome.error instanceof ProviderCallError)) return false;
  return outcome.error.code === status.UNAVAILABLE || outcome.error.code === status.DEADLINE_EXCEEDED;
}

function breakerOpen(rpc: string, address: string): ProviderCallError {
  return new ProviderCallError({
    code: status.UNAVAILABLE,
    reason: BREAKER_OPEN,
    message: `the provider at ${address} failed ${FAILURES} calls in a row; it is tried again in a moment`,
    rpc,
    retryAfterMs: FIRST_PAUSE_MS,
  });
}
