import { type CallOptions, ProviderCallError, type ProviderConnection } from "@virtrigaud/kit/client";
import { type Feature, Support } from "@virtrigaud/proto";
import { camelReason } from "../conditions/condition.ts";
import { failureOf } from "../failure.ts";
import type { Availability } from "../pass.ts";

/** What a provider answers about itself. */
export interface Probe {
  readonly availability: Availability;
  /** Whether somebody has to do something first. */
  readonly final: boolean;
  /** GetInfo's answer; undefined while the provider does not serve. */
  readonly simulated: boolean | undefined;
  /** What may be asked for; empty while the provider does not serve. */
  readonly features: ReadonlySet<Feature>;
}

/**
 * Asks a provider whether it serves, and if not, why: the reason comes from the call that its VMs would meet first.
 * @param known its features, when it was asked for them since it began to serve; they are probed, which takes the hypervisor's time
 */
export async function probeProvider(
  connection: ProviderConnection,
  known: ReadonlySet<Feature> | undefined,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Probe> {
  const options = { signal, deadlineMs };
  try {
    const health = await connection.health(options);
    if (health === "SERVING") {
      const { hypervisorType, hypervisorVersion, simulated } = await connection.getInfo({}, options);
      const where = [hypervisorType, hypervisorVersion].filter(Boolean).join(" ");
      return {
        availability: {
          status: "True",
          reason: "Serving",
          message: where === "" ? "the provider serves" : `the provider serves ${where}`,
        },
        final: false,
        simulated,
        features: known ?? (await featuresOf(connection, options)),
      };
    }
    await connection.getCapabilities({}, options);
    return notServing("NotServing", "the provider is getting ready", false);
  } catch (error) {
    if (!(error instanceof ProviderCallError)) throw error;
    const { reason, message, passing } = failureOf(error);
    return notServing(camelReason(reason), message, !passing);
  }
}

/** An UNKNOWN one may be tried: the outcome tells. */
async function featuresOf(
  connection: ProviderConnection,
  options: CallOptions,
): Promise<ReadonlySet<Feature>> {
  const { capabilities } = await connection.getCapabilities({}, options);
  const possible = capabilities.filter(({ support }) => support !== Support.UNSUPPORTED);
  return new Set(possible.map(({ feature }) => feature));
}

function notServing(reason: string, message: string, final: boolean): Probe {
  return {
    availability: { status: "False", reason, message },
    final,
    simulated: undefined,
    features: new Set(),
  };
}
