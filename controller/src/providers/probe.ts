import { ProviderCallError, type ProviderConnection } from "@virtrigaud/kit/client";
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
}

/** Asks a provider whether it serves, and if not, why: the reason comes from the call that its VMs would meet first. */
export async function probeProvider(
  connection: ProviderConnection,
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

function notServing(reason: string, message: string, final: boolean): Probe {
  return { availability: { status: "False", reason, message }, final, simulated: undefined };
}
