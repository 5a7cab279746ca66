import { createLogger, serveProvider } from "@virtrigaud/kit";
import { connectProvider, type ProviderConnection } from "@virtrigaud/kit/client";
import { Libvirt } from "../client/index.ts";
import { Host } from "../host.ts";
import type { Settings } from "../mapping/settings.ts";
import { routes } from "../provider.ts";

/** A provider inside the test, behind a real gRPC server, in front of a libvirtd. */
export interface TestProvider {
  readonly connection: ProviderConnection;
  /** Address of /readyz. */
  readonly healthAddress: string;
  /** Procedures that were called so far, in order. */
  readonly calls: string[];
  readonly host: Host;
  stop(): Promise<void>;
}

export interface TestProviderOptions {
  readonly settings?: Partial<Settings>;
}

/** Starts one. Its calls are not repeated: a test sees every answer. */
export async function startProvider(uri: string, options: TestProviderOptions = {}): Promise<TestProvider> {
  const calls: string[] = [];
  const client = new Libvirt({ uri, onRoundTrip: ({ procedure }) => calls.push(procedure) });
  const settings: Settings = { storageClasses: {}, cpuMode: "host-model", ...options.settings };
  const host = new Host(client, {
    settings,
    accel: "tcg",
    endpoint: uri,
    allowedImageHosts: ["127.0.0.1"],
    onDefect: (error) => console.error(error.cause),
  });
  const stopping = new AbortController();
  const serving = await serveProvider({
    config: serveConfig,
    routes: routes(host),
    log: createLogger({ level: "error", format: "text" }),
    signal: stopping.signal,
    probe: (signal) => host.probe({ signal }),
  });
  const connection = await connectProvider({
    address: serving.address,
    tls: "insecure",
    retries: 0,
    breaker: false,
  });
  return {
    connection,
    healthAddress: serving.healthAddress,
    calls,
    host,
    async stop() {
      connection.close();
      stopping.abort();
      await serving.closed;
      await host.close();
    },
  };
}

const serveConfig = {
  listenAddress: "127.0.0.1:0",
  healthAddress: "127.0.0.1:0",
  transport: { kind: "plaintext" },
  log: { level: "error", format: "text" },
  limits: { maxInFlight: 16, maxQueued: 16, maxStreams: 4 },
  // One probe at the start: more would be counted among the calls.
  probe: { intervalMs: 3_600_000, timeoutMs: 5_000 },
  drainMs: 2_000,
} as const;
