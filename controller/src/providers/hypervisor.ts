import { isDeepStrictEqual } from "node:util";
import type { Provider } from "../api/provider.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { openStandIn } from "./open-stand-in.ts";
import type { ProviderServices } from "./services.ts";
import type { StandIn } from "./stand-in.ts";

/** What a provider is put in front of. */
export interface Hypervisor {
  /** The Provider with what a stand-in replaces. */
  readonly provider: Provider;
  readonly credentials: Credentials;
  /** What was started here in the place of the one that the Provider names; undefined: that one. */
  readonly standIn: StandIn | undefined;
  /** Whether what was read when it was opened is still what there is to read. */
  readonly isCurrent: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/**
 * The hypervisor that a Provider names, or what stands in for it.
 * @throws UnavailableError, e.g. without credentials or for a type that has no simulator
 */
export async function openHypervisor(
  provider: Provider,
  services: ProviderServices,
  signal: AbortSignal,
): Promise<Hypervisor> {
  const resources = services.simulateFor?.();
  if (resources !== undefined) return openStandIn(provider, resources, services, signal);
  const credentials = await credentialsOf(provider, services);
  return {
    provider,
    credentials,
    standIn: undefined,
    isCurrent: async () =>
      isDeepStrictEqual(await credentialsOf(provider, services).catch(() => credentials), credentials),
    close: () => Promise.resolve(),
  };
}

/** A daemon that somebody else runs has its credentials already. */
async function credentialsOf(provider: Provider, services: ProviderServices): Promise<Credentials> {
  if (provider.spec.runtime?.endpoint !== undefined) return new Map();
  const { name, namespace = provider.metadata.namespace } = provider.spec.credentialSecretRef;
  return readCredentials(provider, await services.secretOf({ namespace, name }), services.credentialsFolder);
}
