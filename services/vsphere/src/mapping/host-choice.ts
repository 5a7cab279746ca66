import { Tristate } from "@virtrigaud/proto";
import type { ComputeResource, Host, Inventory } from "./inventory.ts";
import { anyHostNesting, hostNesting, nestingRemedy } from "./nesting.ts";
import { listNames, type Problems } from "./problems.ts";

/** The hosts of a compute resource that can take the VM; `host` narrows them down to itself. */
export function usableHosts(
  resource: ComputeResource,
  host: Host | undefined,
  inventory: Inventory,
  nested: boolean,
): Host[] {
  const usable = inventory.hosts.filter(
    (candidate) =>
      resource.hosts.includes(candidate.id) &&
      candidate.available &&
      (host === undefined || candidate.id === host.id),
  );
  if (!nested) return usable;
  // A host that does not tell may still nest: it is used only where none says that it can.
  const capable = usable.filter((candidate) => hostNesting(candidate) === Tristate.TRUE);
  return capable.length > 0
    ? capable
    : usable.filter((candidate) => hostNesting(candidate) === Tristate.UNKNOWN);
}

/** Says why none of the hosts in scope can take the VM, and what to do about it. */
export function refuseHosts(
  resources: readonly ComputeResource[],
  host: Host | undefined,
  inventory: Inventory,
  nested: boolean,
  problems: Problems,
): undefined {
  const inScope = host
    ? [host]
    : inventory.hosts.filter(({ id }) => resources.some(({ hosts }) => hosts.includes(id)));
  const available = inScope.filter((candidate) => candidate.available);
  const names = listNames(inScope.map(({ name }) => name));
  if (nested && available.length > 0 && anyHostNesting(available) === Tristate.FALSE) {
    return problems.add(
      "spec.nested_virtualization",
      "NESTED_UNSUPPORTED",
      `nested virtualization is required, but no host can give it (${names}: capability.nestedHVSupported=false); ${nestingRemedy.join("; ")}`,
    );
  }
  return problems.add(
    "spec.placement",
    "CAPACITY",
    `no host in scope is connected and out of maintenance mode (${names}); connect one or name another`,
  );
}

/** Free memory of all hosts together, in bytes; a host that does not tell counts as full. */
export const freeMemory = (hosts: readonly Host[]): number =>
  hosts.reduce((sum, host) => sum + (host.memoryFreeBytes ?? 0), 0);

/** The hosts, the one with the most free memory first. */
export const byFreeMemory = (hosts: readonly Host[]): Host[] =>
  [...hosts].sort((a, b) => freeMemory([b]) - freeMemory([a]) || a.name.localeCompare(b.name));
