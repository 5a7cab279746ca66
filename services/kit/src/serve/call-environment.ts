import { setMaxListeners } from "node:events";
import type { Registry } from "prom-client";
import type { Limits } from "../config/serve-config.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import type { Logger } from "./logger.ts";
import { type CallMetrics, callMetrics } from "./metrics.ts";

/** What all calls of a daemon share. */
export interface CallEnvironment {
  readonly log: Logger;
  readonly metrics: CallMetrics;
  readonly unary: Limiter;
  readonly streams: Limiter;
  /** Ends streams, because the daemon stops. */
  readonly stopStreams: AbortController;
  /** Ends unary calls, because they may not go on any longer. */
  readonly stopAll: AbortController;
}

/** Makes the environment of a daemon, with its measures in the registry. */
export function createCallEnvironment(limits: Limits, log: Logger, registry: Registry): CallEnvironment {
  const { maxInFlight, maxQueued, maxStreams } = limits;
  const unary = createLimiter(maxInFlight, maxQueued, "PROVIDER_MAX_IN_FLIGHT or PROVIDER_MAX_QUEUED");
  const streams = createLimiter(maxStreams, 0, "PROVIDER_MAX_STREAMS");
  const stopStreams = new AbortController();
  const stopAll = new AbortController();
  // Every call in flight listens; that many are no leak.
  setMaxListeners(0, stopStreams.signal, stopAll.signal);
  return { log, metrics: callMetrics(registry, unary, streams), unary, streams, stopStreams, stopAll };
}
