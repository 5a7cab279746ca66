import type { Ending } from "../children/child.ts";
import { startProviderProcess } from "../children/provider-process.ts";
import { type ProviderClient, connectChild, connectEndpoint } from "../provider-client.ts";
import { refOf } from "../store/store.ts";
import { installedCommand } from "./daemon-command.ts";
import type { Hypervisor } from "./hypervisor.ts";
import type { ProviderServices } from "./services.ts";

/** A provider that can be called, though it may not serve yet. */
export interface LaunchedProvider {
  readonly client: ProviderClient;
  /** Resolves when it ended, with how; never for one that somebody else runs. */
  readonly ended: Promise<Ending>;
  readonly stop: () => Promise<void>;
}

/**
 * Connects to the provider at spec.runtime.endpoint, or starts one as a child process.
 * @throws UnavailableError, e.g. when its daemon is not installed
 */
export async function launchProvider(
  hypervisor: Hypervisor,
  services: ProviderServices,
  signal: AbortSignal,
): Promise<LaunchedProvider> {
  const { provider, credentials } = hypervisor;
  const endpoint = provider.spec.runtime?.endpoint;
  if (endpoint !== undefined) {
    const client = await connectEndpoint(endpoint, provider, services.secretOf);
    return { client, ended: new Promise(() => undefined), stop: async () => client.close() };
  }
  const command = await installedCommand(provider.spec.type, services.env);
  const { controllerId, env } = services;
  const onLine = (line: string) => services.onLine(refOf(provider), line);
  const child = await startProviderProcess(
    { provider, command, credentials, controllerId, env, onLine },
    signal,
  );
  try {
    const client = await connectChild(child.address, child.pki);
    const stop = async () => {
      client.close();
      await child.stop();
    };
    return { client, ended: child.ended, stop };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
