import { needsFullReservations } from "@virtrigaud/kit/outcomes";
import type { Placement as PlacementWish, VMSpec } from "@virtrigaud/proto";
import { eligibleResources, type Scope } from "./compute-scope.ts";
import { chooseFolder, type FolderPlace } from "./folder-place.ts";
import { byFreeMemory, freeMemory, refuseHosts, usableHosts } from "./host-choice.ts";
import type { ComputeResource, Datacenter, Host, Inventory } from "./inventory.ts";
import { needsNesting } from "./nesting.ts";
import type { Problems } from "./problems.ts";
import { ableHosts, reaching } from "./reach.ts";
import type { Settings } from "./settings.ts";

/** Where a VM goes. Ids are managed object ids. */
export interface Placement {
  datacenter: Datacenter;
  folder: FolderPlace;
  pool: string;
  /** The hosts that the VM may end up on; only `host`, where that is set. */
  candidates: Host[];
  /** Set when vCenter must not or cannot choose the host itself. */
  host?: Host;
}

export interface PlacementScope {
  inventory: Inventory;
  settings: Settings;
  /** Ids of the datacenters that hold the image's template; they are preferred to copying it across. */
  templateDatacenters: readonly string[];
}

/**
 * Chooses datacenter, folder, pool and, where it matters, host. Names come from the spec, then from the operator's defaults; what is
 * named and does not exist is a violation that lists what does. Among the compute resources that can give what is asked, one that reaches
 * the named storage and networks wins, then one beside the template, then the one with the most free memory.
 */
export function choosePlacement(
  spec: VMSpec,
  { inventory, settings, templateDatacenters }: PlacementScope,
  problems: Problems,
): Placement | undefined {
  const wish = withDefaults(spec.placement, settings);
  const host = wish.host === "" ? undefined : findHost(wish.host, inventory, problems);
  if (wish.host !== "" && host === undefined) return undefined;
  const resources = eligibleResources(wish, host, inventory, problems);
  if (resources === undefined) return undefined;

  const nested = needsNesting(spec);
  const [scope] = resources
    .map((resource) => ({ resource, hosts: usableHosts(resource, host, inventory, nested) }))
    .filter(({ hosts }) => hosts.length > 0)
    .map(({ resource, hosts }) => {
      const reaches = ableHosts(hosts, spec, inventory, settings).length > 0;
      const isNear = templateDatacenters.includes(resource.datacenter ?? "");
      return { resource, hosts, rank: [Number(reaches), Number(isNear), freeMemory(hosts)] };
    })
    .sort((a, b) => highestFirst(a.rank, b.rank));
  if (scope === undefined) return refuseHosts(resources, host, inventory, nested, problems);

  const { resource } = scope;
  const datacenter = inventory.datacenters.find(({ id }) => id === resource.datacenter);
  if (datacenter === undefined) {
    const text = `${resource.name} is in no datacenter that the account may see; name another cluster`;
    return problems.add("spec.placement.cluster", "PLACEMENT_UNKNOWN", text);
  }
  const pool = choosePool(wish.resourcePool, resource, inventory, problems);
  if (pool === undefined) return undefined;
  const hosts = reaching(scope.hosts, spec, inventory, settings);
  const pinned = host ?? (mustPin(spec, resource, hosts) ? byFreeMemory(hosts)[0] : undefined);
  return {
    datacenter,
    folder: chooseFolder(wish.folder, datacenter, inventory),
    pool,
    ...(pinned === undefined ? { candidates: hosts } : { candidates: [pinned], host: pinned }),
  };
}

function highestFirst(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (b[at] ?? 0) - (a[at] ?? 0);
}

/**
 * vCenter may choose the host where each one will do. It cannot for a blank VM in a cluster without DRS, which the inventory does not tell
 * apart; and full reservations are counted at the speed of one host.
 */
function mustPin(spec: VMSpec, { hosts: all }: ComputeResource, hosts: readonly Host[]): boolean {
  if (hosts.length < all.length) return true;
  return all.length > 1 && (spec.image === undefined || needsFullReservations(spec));
}

function withDefaults(wish: PlacementWish | undefined, { defaults }: Settings): Scope & { folder: string } {
  const hasScope = Boolean(wish?.host || wish?.cluster || wish?.resourcePool);
  return {
    datacenter: wish?.datacenter || defaults.datacenter || "",
    // A default cluster must not contradict a host or pool that the spec names.
    cluster: wish?.cluster || (hasScope ? "" : (defaults.cluster ?? "")),
    host: wish?.host ?? "",
    folder: wish?.folder || defaults.folder || "",
    resourcePool: wish?.resourcePool || (hasScope ? "" : (defaults.resourcePool ?? "")),
  };
}

function findHost(name: string, inventory: Inventory, problems: Problems): Host | undefined {
  const host = inventory.hosts.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  return problems.addUnknown("spec.placement.host", "host", name, inventory.hosts);
}

function choosePool(
  wish: string,
  resource: ComputeResource,
  inventory: Inventory,
  problems: Problems,
): string | undefined {
  if (wish === "") return resource.rootPool;
  const pools = inventory.resourcePools.filter(
    ({ computeResource, name }) => computeResource === resource.id && name === wish,
  );
  if (pools.length === 1) return pools[0]?.id;
  return problems.add(
    "spec.placement.resource_pool",
    "PLACEMENT_AMBIGUOUS",
    `${resource.name} has ${pools.length} resource pools named ${wish}; name one that is unique there`,
  );
}
