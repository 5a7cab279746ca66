import type { ProviderConnection } from "@virtrigaud/kit/client";
import type { Feature } from "@virtrigaud/proto";
import type { Provider } from "../api/provider.ts";
import { ChildError } from "../children/child.ts";
import type { Availability } from "../pass.ts";
import type { StandIn } from "./stand-in.ts";
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
  /** What was started here in the hypervisor's place; undefined: it is the one that the Provider names. */
  readonly standIn: StandIn | undefined;
  /** What may be asked for: every feature that the provider does not call unsupported. Empty while it does not serve. */
  readonly features: ReadonlySet<Feature>;
}

/** What people call the hypervisor beside the Provider's type: "real", "simulated", …; undefined while it is not known. */
export function hypervisorLabel({
  simulated,
  standIn,
}: Pick<ProviderState, "simulated" | "standIn">): string | undefined {
  if (standIn !== undefined) return standIn.label;
  return simulated === undefined ? undefined : simulated ? "simulated" : "real";
}

/** Before anything is known about a Provider. */
export function startingState(effective: Provider): ProviderState {
  return {
    availability: { status: "Unknown", reason: "Starting", message: "the provider is being started" },
    final: false,
    connection: undefined,
    effective,
    simulated: undefined,
    standIn: undefined,
    features: new Set(),
  };
}

/** Exit code of a daemon whose configuration is wrong: starting it again changes nothing. */
const CONFIGURATION_REFUSED = 2;

/** After a Provider could not be brought up, or ended. */
export function failedState(
  error: unknown,
  effective: Provider,
  standIn: StandIn | undefined,
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
    simulated: standIn?.simulated,
    standIn,
    features: new Set(),
  };
}
