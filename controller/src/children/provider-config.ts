import type { Provider } from "../api/provider.ts";

/** Content of PROVIDER_CONFIG_FILE: what the operator set on the Provider that environment variables have no shape for. */
export interface ProviderConfig {
  readonly defaults?: Provider["spec"]["defaults"];
  readonly storageClasses?: Provider["spec"]["storageClasses"];
  readonly accel?: Provider["spec"]["accel"];
  readonly rateLimit?: Provider["spec"]["rateLimit"];
  /** PEM file of the authorities that the hypervisor's certificate is checked against. */
  readonly caFile?: string;
}

/** The configuration of a Provider's daemon. */
export function providerConfig({ spec }: Provider, caFile: string | undefined): ProviderConfig {
  const { defaults, storageClasses, accel, rateLimit } = spec;
  const entries = Object.entries({ defaults, storageClasses, accel, rateLimit, caFile });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
