import type { GetCapabilitiesResponse } from "@virtrigaud/proto";
import { capabilities } from "../capabilities.ts";
import type { Context } from "../context.ts";

/** GetCapabilities: as the scripted hosts allow. */
export function getCapabilities({ hypervisor, without }: Context): GetCapabilitiesResponse {
  return { capabilities: capabilities(hypervisor, without) };
}
