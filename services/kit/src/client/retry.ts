import { status } from "@grpc/grpc-js";
import { ExponentialBackoff, type IBackoff, type IBackoffFactory } from "cockatiel";
import { PowerAction } from "@virtrigaud/proto";
import type { Rpc } from "../rpc.ts";
import { type CallLimits, pauseCall } from "./calls.ts";
import { ProviderCallError } from "./call-error.ts";

/** How one call is repeated. */
export interface RetryOptions extends CallLimits {
  /** How often beyond the first attempt. */
  readonly retries: number;
}

const RETRYABLE: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.ABORTED,
  status.RESOURCE_EXHAUSTED,
]);

/** Whether the contract lets a call be repeated: all but SetPower with REBOOT or RESET, which act once per call. */
export function mayRepeat(rpc: Rpc, request: object): boolean {
  if (rpc !== "setPower" || !("action" in request)) return true;
  return request.action !== PowerAction.REBOOT && request.action !== PowerAction.RESET;
}

/**
 * Attempts a call until it succeeds, fails for good, or the deadline leaves no time for another attempt; then the last error is
 * thrown. Pauses are cockatiel's with decorrelated jitter, or what the provider's RetryInfo says if that is longer. The loop is
 * not cockatiel's own, because that sleeps through cancellation and deadline.
 */
export async function withRetries<T>(
  rpc: Rpc,
  attempt: () => Promise<T>,
  { retries, deadline, signal }: RetryOptions,
): Promise<T> {
  let backoff: IBackoffFactory<unknown> | IBackoff<unknown> = new ExponentialBackoff({
    initialDelay: 100,
    maxDelay: 5_000,
  });
  for (let left = retries; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0 || !isRetryable(error)) throw error;
      const next: IBackoff<unknown> = backoff.next(undefined);
      backoff = next;
      const pauseMs = Math.max(next.duration, error.retryAfterMs ?? 0);
      if (Date.now() + pauseMs >= deadline) throw error;
      await pauseCall(rpc, pauseMs, signal);
    }
  }
}

function isRetryable(error: unknown): error is ProviderCallError {
  return error instanceof ProviderCallError && RETRYABLE.has(error.code) && error.reason !== BREAKER_OPEN;
}

/** Reason of the error that an open breaker throws. */
export const BREAKER_OPEN = "PROVIDER_BREAKER_OPEN";
