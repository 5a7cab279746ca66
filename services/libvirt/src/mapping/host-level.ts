import type { HostFacts } from "./host-facts.ts";

/** Whether the host is itself a VM; undefined when its CPU's features are not told. */
export function isVirtualHost({ host, readings }: HostFacts): boolean | undefined {
  if (readings.cpuFlags !== undefined) return readings.cpuFlags.has("hypervisor");
  return host.cpuFeatures.size === 0 ? undefined : host.cpuFeatures.has("hypervisor");
}

/** "At least" level of a VM on this host; 0 when it is not known. */
export function guestLevel(facts: HostFacts): number {
  const virtual = isVirtualHost(facts);
  return virtual === undefined ? 0 : virtual ? 2 : 1;
}
