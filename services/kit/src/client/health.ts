import { type Client, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { SERVICE_NAME } from "../rpc.ts";
import { type CallLimits, givenUp, pauseCall, throwIfGivenUp, whenGivenUp } from "./calls.ts";
import { fromServiceError, ProviderCallError } from "./call-error.ts";

/** grpc.health.v1's answers. */
export type ServingStatus = "UNKNOWN" | "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";

interface HealthResponse {
  readonly status: ServingStatus;
}

/** Asks grpc.health.v1 whether the provider serves the contract. @throws ProviderCallError */
export function checkHealth(client: Client, limits: CallLimits): Promise<ServingStatus> {
  const { path, requestSerialize, responseDeserialize } = service.Check as NonNullable<
    (typeof service)["Check"]
  >;
  return new Promise((resolve, reject) => {
    throwIfGivenUp("health", limits);
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      (wire) => responseDeserialize(wire) as HealthResponse,
      { service: SERVICE_NAME },
      new Metadata(),
      { deadline: limits.deadline },
      (error: ServiceError | null, response?: HealthResponse) => {
        forget();
        if (error === null) resolve(response?.status ?? "UNKNOWN");
        else
          reject(
            givenUp("health", limits) ?? fromServiceError(error, "health", client.getChannel().getTarget()),
          );
      },
    );
    const forget = whenGivenUp(limits, () => call.cancel());
  });
}

/** Codes that asking again does not change. */
const FINAL: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.PERMISSION_DENIED,
  status.UNIMPLEMENTED,
]);

/** Asks again and again until the provider serves. @throws ProviderCallError UNAVAILABLE with what was answered last. */
export async function waitForServing(client: Client, address: string, limits: CallLimits): Promise<void> {
  const { deadline, signal } = limits;
  let last = "no answer";
  for (let pauseMs = 50; Date.now() < deadline; pauseMs = Math.min(pauseMs * 1.5, 1_000)) {
    try {
      // Each question has its own short deadline: a connection attempt that hangs must not eat the whole time.
      last = await checkHealth(client, { ...limits, deadline: Math.min(deadline, Date.now() + 3_000) });
      if (last === "SERVING") return;
    } catch (error) {
      if (!(error instanceof ProviderCallError) || FINAL.has(error.code)) throw error;
      last = `${error.codeName}: ${error.message}`;
    }
    await pauseCall("health", Math.max(1, Math.min(pauseMs, deadline - Date.now())), signal);
  }
  throw new ProviderCallError({
    code: status.UNAVAILABLE,
    reason: "PROVIDER_NOT_SERVING",
    message: `the provider at ${address} does not serve (${last}); its /readyz and log tell why`,
    rpc: "health",
  });
}
