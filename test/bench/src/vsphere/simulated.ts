import {
  type DaemonOptions,
  type ProviderDaemon,
  startVcsim,
  startVsphereProvider,
  type Vcsim,
} from "@virtrigaud/test-tools";
import type { Scope } from "../scope.ts";
import { storageClass } from "../vm.ts";
import { startDelayProxy } from "./delay-proxy.ts";

/** A simulated vCenter and a provider before it. */
export interface Simulated {
  /** Its URL is the one that clients are to use: a delaying proxy's where there is one. */
  readonly vcenter: Vcsim;
  /** The same without delay. */
  readonly direct: Vcsim;
  readonly provider: ProviderDaemon;
}

/** Starts both, in processes of their own. @param latencyMs what every call to vCenter takes longer, by a proxy between them. */
export async function startSimulated(scope: Scope, latencyMs = 0): Promise<Simulated> {
  const direct = await startVcenter(scope);
  const url = latencyMs === 0 ? direct.url : await delayed(scope, direct, latencyMs);
  const vcenter = { ...direct, url };
  return { vcenter, direct, provider: await startProvider(scope, vcenter) };
}

/** Starts a simulated vCenter, stocked with what the VMs made here need. @throws GoProgramUnavailable */
export function startVcenter(scope: Scope): Promise<Vcsim> {
  return scope.own(
    () => startVcsim({ templates: ["ubuntu-22.04"], datastores: [storageClass] }),
    (one) => one.stop(),
  );
}

/** Starts a provider before a vCenter. */
export function startProvider(
  scope: Scope,
  vcenter: Vcsim,
  options: DaemonOptions = {},
): Promise<ProviderDaemon> {
  return scope.own(
    () => startVsphereProvider(vcenter, options),
    (one) => one.stop(),
  );
}

async function delayed(scope: Scope, vcsim: Vcsim, latencyMs: number): Promise<string> {
  const proxy = await scope.own(
    () => startDelayProxy(vcsim, latencyMs),
    (one) => one.stop(),
  );
  return proxy.url;
}
