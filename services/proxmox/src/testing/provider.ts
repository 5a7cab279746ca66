import type { Pve as Simulator } from "@virtrigaud/fakes";
import { createLogger, serveProvider } from "@virtrigaud/kit";
import { connectProvider, type ProviderConnection } from "@virtrigaud/kit/client";
import { type Credentials, Pve } from "../client/index.ts";
import { Cluster } from "../cluster.ts";
import { accountOf } from "../credentials.ts";
import type { Settings } from "../mapping/settings.ts";
import { routes } from "../provider.ts";

/** A provider inside the test, behind a real gRPC server, in front of a simulated cluster. */
export interface TestProvider {
  readonly connection: ProviderConnection;
  /** Address of /readyz. */
  readonly healthAddress: string;
  readonly cluster: Cluster;
  stop(): Promise<void>;
}

export interface TestProviderOptions {
  readonly settings?: Partial<Settings>;
  /** Default: the simulator's first token. */
  readonly credentials?: Credentials;
}

/** Starts one. Its calls are not repeated: a test sees every answer. */
export async function startProvider(
  simulator: Pick<Simulator, "url" | "certificatePem" | "token">,
  { settings, credentials = { kind: "token", ...simulator.token } }: TestProviderOptions = {},
): Promise<TestProvider> {
  const pve = new Pve({
    endpoint: simulator.url,
    trust: { mode: "ca", caBundle: simulator.certificatePem },
    credentials: async () => credentials,
  });
  const cluster = new Cluster(pve, {
    settings: {
      storage: "local-lvm",
      storageClasses: {},
      accel: "kvm",
      vmids: { first: 100, last: 999_999_999 },
      ...settings,
    },
    endpoint: simulator.url,
    user: async () => accountOf(credentials),
    onDefect: (error) => console.error(error.cause),
    watch: { shortestMs: 5, longestMs: 50 },
    tasks: { freshMs: 5 },
  });
  const stopping = new AbortController();
  const serving = await serveProvider({
    config: serveConfig,
    routes: routes(cluster),
    log: createLogger({ level: "error", format: "text" }),
    signal: stopping.signal,
    probe: (signal) => cluster.probe({ signal }),
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
    cluster,
    async stop() {
      connection.close();
      stopping.abort();
      await serving.closed;
      await cluster.close();
    },
  };
}

const serveConfig = {
  listenAddress: "127.0.0.1:0",
  healthAddress: "127.0.0.1:0",
  transport: { kind: "plaintext" },
  log: { level: "error", format: "text" },
  limits: { maxInFlight: 64, maxQueued: 64, maxStreams: 4 },
  // One probe at the start: more would be counted among the requests.
  probe: { intervalMs: 3_600_000, timeoutMs: 5_000 },
  drainMs: 2_000,
} as const;
