import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { type Feature, fileDescriptors, ProviderService } from "@virtrigaud/proto";
import { HealthImplementation } from "grpc-health-check";
import type { Context } from "./context.ts";
import { createHypervisor, type Hypervisor, type HypervisorScript } from "./hypervisor/hypervisor.ts";
import { providerRpcs, type Rpcs } from "./rpcs.ts";
import { implementation } from "./server.ts";

/** How to start a memory provider. */
export interface MemoryProviderOptions extends HypervisorScript {
  /** Address to listen on; default "127.0.0.1:0", a free port. Plaintext: keep it on loopback. */
  readonly listen?: string;
  /** A hypervisor that lives already (its own script then counts); default a new one. */
  readonly hypervisor?: Hypervisor;
  /** Features to do without: their RPCs are UNIMPLEMENTED, their knobs REFUSED. */
  readonly without?: readonly Feature[];
  /** Longest silence of WatchVMs in milliseconds; default 10,000. */
  readonly heartbeatMs?: number;
  /** RPCs to serve instead of the honest ones: how tests break a provider. */
  readonly replace?: (honest: Rpcs) => Partial<Rpcs>;
}

/** A memory provider that serves. */
export interface MemoryProvider {
  /** host:port. */
  readonly address: string;
  readonly hypervisor: Hypervisor;
  /** Cuts the daemon off from its hypervisor, or joins them again: meanwhile calls are UNAVAILABLE and health is NOT_SERVING. */
  setReachable(reachable: boolean): void;
  /** Ends the daemon as a crash would; the hypervisor lives on. */
  stop(): void;
}

/** What grpc.health.v1 answers for: the daemon as a whole, and the contract. */
const healthServices = ["", "virtrigaud.provider.v1.Provider"];

/** Serves the contract, health and reflection over a hypervisor in memory. Rejects when the address cannot be bound. */
export async function startMemoryProvider(options: MemoryProviderOptions = {}): Promise<MemoryProvider> {
  const { listen = "127.0.0.1:0", hypervisor = createHypervisor(options), heartbeatMs = 10_000 } = options;
  const without = new Set(options.without);
  let reachable = true;
  const isReachable = () => reachable;
  const context: Context = { hypervisor, without, heartbeatMs, endpoint: "memory://in-process", isReachable };
  const honest = providerRpcs(context);
  const server = new Server();
  server.addService(ProviderService, implementation(context, { ...honest, ...options.replace?.(honest) }));
  const health = new HealthImplementation();
  const tellHealth = () => {
    for (const service of healthServices) health.setStatus(service, reachable ? "SERVING" : "NOT_SERVING");
  };
  tellHealth();
  health.addToServer(server);
  // Of a package definition the service looks at nothing but the descriptors.
  const contract = { contract: { fileDescriptorProtos: fileDescriptors() } } as unknown as PackageDefinition;
  new ReflectionService(contract).addToServer(server);
  const port = await bind(server, listen);
  return {
    address: `${listen.slice(0, listen.lastIndexOf(":"))}:${port}`,
    hypervisor,
    setReachable(value) {
      reachable = value;
      tellHealth();
    },
    stop: () => server.forceShutdown(),
  };
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}
