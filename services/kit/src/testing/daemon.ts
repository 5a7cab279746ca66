import pino from "pino";
import { Registry } from "prom-client";
import { type ConnectOptions, connectProvider, type ProviderConnection } from "../client/index.ts";
import type { ServeConfig, Transport } from "../config/serve-config.ts";
import { type Logger, loggerOptions } from "../serve/logger.ts";
import type { Routes } from "../serve/routes.ts";
import { type Serving, serveProvider } from "../serve/serve-provider.ts";

/** A daemon of routes inside the test, on free ports of the loopback interface. */
export interface TestDaemon extends Serving {
  /** Every line that was logged, parsed. */
  readonly lines: Record<string, unknown>[];
  readonly registry: Registry;
  /** Tells it to stop, as SIGTERM does. */
  terminate(): void;
  /** Ends its connections and then it. */
  stop(): Promise<void>;
  /** A plaintext connection that shows every answer: no retries, no breaker. */
  connect(options?: Partial<ConnectOptions>): Promise<ProviderConnection>;
}

interface Overrides extends Partial<Omit<ServeConfig, "transport">> {
  readonly transport?: Transport;
  readonly check?: (signal: AbortSignal) => Promise<void>;
}

const running: (() => Promise<void>)[] = [];

/** Starts one; {@link stopAll} in afterEach ends it. */
export async function startDaemon(routes: Routes, overrides: Overrides = {}): Promise<TestDaemon> {
  const { check: probe = async () => undefined, ...rest } = overrides;
  const { log, lines } = captureLog();
  const controller = new AbortController();
  const registry = new Registry();
  const serving = await serveProvider({
    config: { ...CONFIG, ...rest },
    routes,
    log,
    registry,
    probe,
    signal: controller.signal,
  });
  const closers: (() => void)[] = [];
  const stop = async () => {
    for (const close of closers) close();
    controller.abort();
    await serving.closed;
  };
  running.push(stop);
  return {
    ...serving,
    lines,
    registry,
    terminate: () => controller.abort(),
    stop,
    async connect(options = {}) {
      const connection = await connectProvider({
        address: serving.address,
        tls: "insecure",
        retries: 0,
        breaker: false,
        ...options,
      });
      closers.push(() => connection.close());
      return connection;
    },
  };
}

/** Stops every daemon that was started since. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

/** A log that is kept. */
export function captureLog(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: pino(loggerOptions("debug"), { write }), lines };
}

const CONFIG: ServeConfig = {
  listenAddress: "127.0.0.1:0",
  healthAddress: "127.0.0.1:0",
  transport: { kind: "plaintext" },
  log: { level: "debug", format: "json" },
  limits: { maxInFlight: 8, maxQueued: 8, maxStreams: 8 },
  probe: { intervalMs: 25, timeoutMs: 200 },
  drainMs: 2_000,
};
