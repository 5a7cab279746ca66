import { Server, type ServerCredentials } from "@grpc/grpc-js";
import { ProviderService } from "@virtrigaud/proto";
import { Registry } from "prom-client";
import type { ServeConfig } from "../config/serve-config.ts";
import { createCallEnvironment } from "./call-environment.ts";
import { drain } from "./drain.ts";
import { openEntrance } from "./grpc-credentials.ts";
import { grpcHandlers } from "./handlers.ts";
import { serveHealth } from "./health-server.ts";
import { cannotListen, joinAddress } from "./listen.ts";
import type { Logger } from "./logger.ts";
import { watchReadiness } from "./readiness.ts";
import { reflection } from "./reflection.ts";
import type { Routes } from "./routes.ts";

/** What a daemon is made of. */
export interface ServeOptions {
  readonly config: ServeConfig;
  readonly routes: Routes;
  readonly log: Logger;
  /** Stops the daemon: calls in flight end first, within config.drainMs. */
  readonly signal: AbortSignal;
  /** Rejects when the hypervisor cannot be used; then health is NOT_SERVING and /readyz tells the error's message. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /** Where metrics are collected; give one to add the provider's own. */
  readonly registry?: Registry;
}

/** A daemon that serves. */
export interface Serving {
  /** "host:port" of gRPC, with the port it really has. */
  readonly address: string;
  /** "host:port" of /healthz, /readyz and /metrics. */
  readonly healthAddress: string;
  /** Resolves when the daemon has stopped and its ports are free. */
  readonly closed: Promise<void>;
}

/**
 * Serves the contract: mutual TLS, validation, bounded concurrency, logs, metrics, health and reflection around the routes.
 * Announces itself on stdout as one JSON line {"msg":"serving","address","health"} for whoever started it.
 * @throws ConfigError when the TLS files or addresses cannot be used.
 */
export async function serveProvider(options: ServeOptions): Promise<Serving> {
  const { config, routes, log, signal, probe } = options;
  const registry = options.registry ?? new Registry();
  const calls = createCallEnvironment(config.limits, log, registry);
  const entrance = await openEntrance(config.transport, log);
  const readiness = watchReadiness({ probe, ...config.probe, log, signal });
  const server = new Server({ interceptors: entrance.interceptors, "grpc.keepalive_time_ms": 60_000 });
  server.addService(ProviderService, grpcHandlers(routes, calls));
  readiness.health.addToServer(server);
  reflection().addToServer(server);

  const health = await serveHealth(config.healthAddress, { reason: readiness.reason, registry });
  const address = await bind(server, config.listenAddress, entrance.credentials);
  announce(config, log, address, health.address);

  const closed = aborted(signal)
    .then(() => {
      readiness.stop();
      log.info("stopping: calls in flight end first");
      return drain(server, calls, config.drainMs);
    })
    .finally(() => {
      entrance.stop();
      health.server.close();
      health.server.closeAllConnections();
      log.info("stopped");
    });
  return { address, healthAddress: health.address, closed };
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(joinAddress(address, port));
      else reject(cannotListen("PROVIDER_LISTEN_ADDRESS", address, error));
    });
  });
}

function announce(config: ServeConfig, log: Logger, address: string, health: string): void {
  const insecure = config.transport.kind === "plaintext";
  // Parents read this line; the text log goes to stderr, and a log level of warn would hide it.
  if (config.log.format === "json" && log.isLevelEnabled("info"))
    log.info({ address, health, insecure }, "serving");
  else process.stdout.write(`${JSON.stringify({ msg: "serving", address, health, insecure })}\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
