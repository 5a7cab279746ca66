import type { GetInfoResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";

/** GetInfo: answers also while the hypervisor cannot be reached. */
export function getInfo({ endpoint, isReachable }: Context): GetInfoResponse {
  const found = (text: string) => (isReachable() ? text : "");
  return {
    provider: "memory",
    version: "0.1.0",
    contractVersion: "1.0",
    hypervisorType: found("In-memory hypervisor"),
    hypervisorVersion: found("1.0"),
    hypervisorApiVersion: found("1.0"),
    endpoint,
    simulated: true,
  };
}
