import { setTimeout as sleep } from "node:timers/promises";
import { ProviderCallError, status } from "@virtrigaud/kit/client";

/** What the contract says to answer by calling again. */
const again: ReadonlySet<status> = new Set([status.ABORTED, status.UNAVAILABLE, status.RESOURCE_EXHAUSTED]);

/** Calls again as long as the provider says that the call lost a race or cannot be served now, after the time it names. */
export async function patiently<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ProviderCallError) || !again.has(error.code)) throw error;
      await sleep(error.retryAfterMs ?? 200, undefined, { signal });
    }
  }
}
