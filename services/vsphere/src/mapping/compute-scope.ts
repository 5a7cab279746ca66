import type { Placement as PlacementWish } from "@virtrigaud/proto";
import type { ComputeResource, Entity, Host, Inventory } from "./inventory.ts";
import type { Problems } from "./problems.ts";

/** The names that narrow down where a VM runs; "" names nothing. */
export type Scope = Pick<PlacementWish, "datacenter" | "cluster" | "host" | "resourcePool">;

interface Narrowing {
  field: string;
  what: string;
  name: string;
  keep: (resource: ComputeResource) => boolean;
  known: readonly Entity[];
  /** The name that tells several of the same name apart. */
  toldApartBy?: string;
}

/** The clusters and lone hosts that all names agree on; violations list what exists, or ask for the name that tells several apart. */
export function eligibleResources(
  scope: Scope,
  host: Host | undefined,
  inventory: Inventory,
  problems: Problems,
): ComputeResource[] | undefined {
  let resources = inventory.computeResources;
  for (const { field, what, name, keep, known, toldApartBy } of narrowings(scope, host, inventory)) {
    if (name === "") continue;
    resources = resources.filter(keep);
    if (resources.length === 0) return problems.addUnknown(field, what, name, known);
    if (toldApartBy === undefined || resources.length === 1) continue;
    return problems.add(
      field,
      "PLACEMENT_AMBIGUOUS",
      `there are ${resources.length} of ${what} ${name}; add placement.${toldApartBy} to tell them apart`,
    );
  }
  return resources;
}

function narrowings(scope: Scope, host: Host | undefined, inventory: Inventory): Narrowing[] {
  const datacenter = inventory.datacenters.find(({ name }) => name === scope.datacenter);
  const pools = inventory.resourcePools.filter(({ name }) => name === scope.resourcePool);
  const owners = new Set(pools.map(({ computeResource }) => computeResource));
  return [
    {
      field: "spec.placement.datacenter",
      what: "datacenter",
      name: scope.datacenter,
      keep: (resource) => resource.datacenter === datacenter?.id,
      known: inventory.datacenters,
    },
    {
      field: "spec.placement.cluster",
      what: "cluster",
      name: scope.cluster,
      keep: ({ name }) => name === scope.cluster,
      known: inventory.computeResources,
      toldApartBy: "datacenter",
    },
    {
      field: "spec.placement.host",
      what: "host",
      name: scope.host,
      keep: ({ hosts }) => host !== undefined && hosts.includes(host.id),
      known: inventory.hosts,
    },
    {
      field: "spec.placement.resource_pool",
      what: "resource pool",
      name: scope.resourcePool,
      keep: ({ id }) => owners.has(id),
      known: inventory.resourcePools,
      toldApartBy: "cluster",
    },
  ];
}
