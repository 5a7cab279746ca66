import type { Provider } from "../api/provider.ts";
import { type ThrowAwayPki, createThrowAwayPki } from "./certificates.ts";
import { type Child, startChild } from "./child.ts";
import { servingAddress } from "./log-line.ts";
import { createPrivateFolder } from "./private-folder.ts";
import { providerConfig } from "./provider-config.ts";
import { providerEnvironment } from "./provider-environment.ts";

/** What a provider's process is started with. */
export interface ProviderProcessOptions {
  readonly provider: Provider;
  /** Path of its executable. */
  readonly command: string;
  /** The hypervisor's credentials by file name: username, password, ca.crt, … */
  readonly credentials: ReadonlyMap<string, Uint8Array>;
  readonly controllerId: string;
  /** Environment to add the provider's own variables to. */
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
}

/** A provider that listens. */
export interface ProviderProcess {
  /** host:port of its gRPC service. */
  readonly address: string;
  /** What to call it with. */
  readonly pki: ThrowAwayPki;
  readonly ended: Child["ended"];
  /** Ends it and removes its keys and credentials from disk. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/**
 * Starts a provider on loopback with certificates that nobody else has, and waits until it listens.
 * @throws ChildError that tells how it ended or that it was not ready in time; nothing is left behind then
 */
export async function startProviderProcess(
  options: ProviderProcessOptions,
  signal: AbortSignal,
): Promise<ProviderProcess> {
  const { provider, command, credentials, controllerId, onLine } = options;
  const folder = await createPrivateFolder();
  try {
    const pki = await createThrowAwayPki();
    await folder.write("tls/ca.crt", pki.ca);
    await folder.write("tls/tls.crt", pki.server.certificate);
    await folder.write("tls/tls.key", pki.server.key);
    await folder.makeFolder("credentials");
    for (const [name, content] of credentials) await folder.write(`credentials/${name}`, content);
    const caFile = credentials.has("ca.crt") ? `${folder.path}/credentials/ca.crt` : undefined;
    const config = await folder.write("config.json", JSON.stringify(providerConfig(provider, caFile)));
    const paths = { tls: `${folder.path}/tls`, credentials: `${folder.path}/credentials`, config };
    const env = { ...options.env, ...providerEnvironment(provider, paths, controllerId) };
    const { child, ready: address } = await startChild({ command, args: [], env, onLine }, servingAddress, {
      timeoutMs: START_TIMEOUT_MS,
      signal,
    });
    return { address, pki, ended: child.ended, stop: () => child.stop().finally(() => folder.remove()) };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}
