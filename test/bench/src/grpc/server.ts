import { connectProvider, type ProviderConnection } from "@virtrigaud/kit/client";
import { type Child, startChild } from "../child.ts";
import { inParallel } from "../load.ts";
import type { Scope } from "../scope.ts";
import { quantile } from "../statistics.ts";
import { request } from "./exchange.ts";

/** A server that answers CreateVM at once, in its own process, and a client's connection to it. */
export interface Server {
  readonly child: Child;
  readonly connection: ProviderConnection;
}

/** How a server did. */
export interface Throughput {
  readonly callsPerSecond: number;
  readonly p99Ms: number;
  /** Processor time of the server's process per call. */
  readonly cpuMicros: number;
}

/** Starts one: "kit" as the providers are served, "bare" as grpc-js alone would. */
export async function startServer(scope: Scope, kind: "kit" | "bare"): Promise<Server> {
  const module = new URL(`./${kind}-server-process.js`, import.meta.url);
  const child = await scope.own(
    () => startChild(module, {}),
    (one) => one.stop(),
  );
  const connection = await scope.own(
    () => connectProvider({ address: child.address, tls: "insecure", retries: 0, breaker: false }),
    (one) => one.close(),
  );
  return { child, connection };
}

/** Calls CreateVM that often, that many at a time. */
export async function measureCalls(
  { child, connection }: Server,
  calls: number,
  concurrency: number,
): Promise<Throughput> {
  const cpuBefore = await child.cpuMicros();
  const started = performance.now();
  const latencies = await inParallel(calls, concurrency, async () => {
    const sent = performance.now();
    await connection.createVm(request);
    return performance.now() - sent;
  });
  const seconds = (performance.now() - started) / 1_000;
  return {
    callsPerSecond: calls / seconds,
    p99Ms: quantile(latencies, 0.99),
    cpuMicros: ((await child.cpuMicros()) - cpuBefore) / calls,
  };
}
