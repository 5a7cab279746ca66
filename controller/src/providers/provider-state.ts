import type { ProviderConnection } from "@virtrigaud/kit/client";
import type { Provider } from "../api/provider.ts";
import { ChildError } from "../children/child.ts";
import type { Availability } from "../pass.ts";
import { UnavailableError } from "./unavailable.ts";

/** A Provider as the controller can use it now. */
export interface ProviderState {
  readonly availability: Availability;
  /** Whether nothing changes until somebody does something: wrong credentials, a daemon that is not installed. */
  readonly final: boolean;
  /** What to call; undefined while the provider does not serve. */
  readonly connection: ProviderConnection | undefined;
  /** The Provider with what a simulation replaces: endpoint and defaults. */
  readonly effective: Provider;
  /** Whether the hypervisor is a simulator; undefined while it is not known. */
  readonly simulated: boolean | undefined;
}

/** Before anything is known about a Provider. */
export function startingState(effective: Provider): ProviderState {
  return {
    availability: { status: "Unknown", reason: "Starting", message: "the provider is being started" },
    final: false,
    connection: undefined,
    effective,
    simulated: undefined,
  };
}

/** Exit code of a daemon whose configuration is wrong: starting it again changes nothing. */
const CONFIGURATION_REFUSED = 2;

/** After a Provider could not be brought up, or ended. */
export function failedState(
  error: unknown,
  effective: Provider,
  simulated: boolean | undefined,
): ProviderState {
  const known = error instanceof UnavailableError ? error : undefined;
  const refused = error instanceof ChildError && error.exitCode === CONFIGURATION_REFUSED;
  const message = error instanceof Error ? error.message : String(error);
  return {
    availability: {
      status: "False",
      reason: known?.reason ?? (refused ? "ConfigurationRefused" : "StartFailed"),
      message,
    },
    final: known?.final ?? refused,
    connection: undefined,
    effective,
    simulated,
  };
}
