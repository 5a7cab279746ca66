import { type ProviderDaemon, startVcsim, startVsphereProvider, type Vcsim } from "@virtrigaud/test-tools";
import type { Scope } from "../scope.ts";
import { startDelayProxy } from "./delay-proxy.ts";

/** A simulated vCenter and a provider before it. */
export interface Simulated {
  /** Its URL is the one that clients are to use: a delaying proxy's where there is one. */
  readonly vcenter: Vcsim;
  /** The same without delay. */
  readonly direct: Vcsim;
  readonly provider: ProviderDaemon;
}

/** What the simulated vCenters are stocked with. */
export const stock = { templates: ["ubuntu-22.04"], datastores: ["fast-ssd"] };

/** Starts both, in processes of their own. @param latencyMs what every call to vCenter takes longer, by a proxy between them. */
export async function startSimulated(scope: Scope, latencyMs = 0): Promise<Simulated> {
  const direct = await scope.own(
    () => startVcsim(stock),
    (one) => one.stop(),
  );
  const url = latencyMs === 0 ? direct.url : await delayed(scope, direct, latencyMs);
  const vcenter = { ...direct, url };
  const provider = await scope.own(
    () => startVsphereProvider(vcenter),
    (one) => one.stop(),
  );
  return { vcenter, direct, provider };
}

async function delayed(scope: Scope, vcsim: Vcsim, latencyMs: number): Promise<string> {
  const proxy = await scope.own(
    () => startDelayProxy(vcsim, latencyMs),
    (one) => one.stop(),
  );
  return proxy.url;
}
