import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Limiter } from "./limiter.ts";

/** What the daemon measures of its calls. */
export interface CallMetrics {
  /** @param code name of the gRPC status code, "OK". */
  observe(method: string, code: string, seconds: number): void;
}

/** Adds the daemon's own measures, event loop and process among them, to a registry. */
export function callMetrics(registry: Registry, unary: Limiter, streams: Limiter): CallMetrics {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: "virtrigaud_provider_rpc_requests_total",
    help: "Calls that ended, by method and status code.",
    labelNames: ["method", "code"],
    registers,
  });
  const duration = new Histogram({
    name: "virtrigaud_provider_rpc_duration_seconds",
    help: "Time from receipt to answer, waiting included; of streams, until they ended.",
    labelNames: ["method"],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  new Gauge({
    name: "virtrigaud_provider_rpc_in_flight",
    help: "Calls being served.",
    labelNames: ["kind"],
    registers,
    collect() {
      this.set({ kind: "unary" }, unary.counts().running);
      this.set({ kind: "stream" }, streams.counts().running);
    },
  });
  new Gauge({
    name: "virtrigaud_provider_rpc_queued",
    help: "Unary calls waiting for their turn.",
    registers,
    collect() {
      this.set(unary.counts().waiting);
    },
  });
  return {
    observe(method, code, seconds) {
      requests.inc({ method, code });
      duration.observe({ method }, seconds);
    },
  };
}

export { Counter, Gauge, Histogram, Registry };
