import { isDeepStrictEqual } from "node:util";
import type { Resource } from "../api/kinds.ts";
import type { Provider } from "../api/provider.ts";
import { findCommand } from "../children/find-command.ts";
import { SIMULATOR_COMMAND, startSimulator } from "../children/simulator.ts";
import { refOf } from "../store/store.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { simulatedProvider, simulatorStock } from "./simulation.ts";
import type { ProviderServices } from "./services.ts";
import { UnavailableError } from "./unavailable.ts";

/** What a provider is put in front of. */
export interface Hypervisor {
  /** The Provider with what a simulation replaces. */
  readonly provider: Provider;
  readonly credentials: Credentials;
  /** True for a simulator that was started here; undefined: ask the provider. */
  readonly simulated: true | undefined;
  /** Whether what was read when it was opened is still what there is to read. */
  readonly isCurrent: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/**
 * The hypervisor that a Provider names, or a simulator in its place.
 * @throws UnavailableError, e.g. without credentials or for a type that has no simulator
 */
export async function openHypervisor(
  provider: Provider,
  services: ProviderServices,
  signal: AbortSignal,
): Promise<Hypervisor> {
  const resources = services.simulateFor?.();
  if (resources !== undefined) return simulated(provider, resources, services, signal);
  const credentials = await credentialsOf(provider, services);
  return {
    provider,
    credentials,
    simulated: undefined,
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

async function simulated(
  provider: Provider,
  resources: readonly Resource[],
  { env, onLine }: ProviderServices,
  signal: AbortSignal,
): Promise<Hypervisor> {
  const { type } = provider.spec;
  if (type !== "vsphere") {
    throw new UnavailableError(
      "NoSimulator",
      `there is no simulator for type ${type} yet: leave --simulate out to use a real ${type}`,
      true,
    );
  }
  const command = await findCommand(SIMULATOR_COMMAND, env.PATH);
  if (command === undefined) {
    throw new UnavailableError(
      "NotInstalled",
      `${SIMULATOR_COMMAND} is not on PATH: "npm start" in a clone of VirtRigaud builds it (needs Go)`,
      true,
    );
  }
  const simulator = await startSimulator(
    command,
    simulatorStock(resources),
    (line) => onLine(refOf(provider), line),
    signal,
  );
  const text = (value: string) => Buffer.from(value, "utf8");
  return {
    provider: simulatedProvider(provider, simulator.url),
    credentials: new Map([
      ["username", text(simulator.username)],
      ["password", text(simulator.password)],
      ["ca.crt", text(simulator.certificate)],
    ]),
    simulated: true,
    isCurrent: () => Promise.resolve(true),
    close: simulator.stop,
  };
}
