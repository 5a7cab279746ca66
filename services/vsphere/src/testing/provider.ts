import { createLogger, serveProvider } from "@virtrigaud/kit";
import { connectProvider, type ProviderConnection } from "@virtrigaud/kit/client";
import type { Vcsim } from "@virtrigaud/test-tools";
import { VimClient } from "../client/vim-client.ts";
import type { Settings } from "../mapping/settings.ts";
import { routes } from "../provider.ts";
import { Vcenter } from "../vcenter.ts";

/** A provider inside the test, behind a real gRPC server, in front of a vCenter. */
export interface TestProvider {
  readonly connection: ProviderConnection;
  /** Address of /readyz. */
  readonly healthAddress: string;
  /** SOAP methods that went over the wire so far, in order. */
  readonly methods: string[];
  stop(): Promise<void>;
}

export interface TestProviderOptions {
  /** Where vCenter is, by default the simulator itself. */
  readonly url?: string;
  readonly password?: string;
  readonly settings?: Partial<Settings>;
}

/** Starts one. Its calls are not repeated: a test sees every answer. */
export async function startProvider(vcsim: Vcsim, options: TestProviderOptions = {}): Promise<TestProvider> {
  const { url = vcsim.url, password = vcsim.password } = options;
  const methods: string[] = [];
  const client = new VimClient({
    endpoint: url,
    trust: { mode: "ca", caBundle: vcsim.certificatePem },
    credentials: async () => ({ username: vcsim.username, password }),
    onRoundTrip: ({ method }) => methods.push(method),
  });
  const vcenter = new Vcenter(client, { defaults: {}, storageClasses: {}, ...options.settings }, url);
  const stopping = new AbortController();
  const serving = await serveProvider({
    config: serveConfig,
    routes: routes(vcenter),
    log: createLogger({ level: "error", format: "text" }),
    signal: stopping.signal,
    probe: (signal) => vcenter.probe({ signal }),
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
    methods,
    async stop() {
      connection.close();
      stopping.abort();
      await serving.closed;
      await client.close();
    },
  };
}

const serveConfig = {
  listenAddress: "127.0.0.1:0",
  healthAddress: "127.0.0.1:0",
  transport: { kind: "plaintext" },
  log: { level: "error", format: "text" },
  limits: { maxInFlight: 16, maxQueued: 16, maxStreams: 4 },
  // One probe at the start: more would be counted among the round trips.
  probe: { intervalMs: 3_600_000, timeoutMs: 5_000 },
  drainMs: 2_000,
} as const;
