import type { DatastoreSummary, ManagedObjectReference } from "../vim/types.ts";
import { decodeName } from "./entity-name.ts";
import type { Datastore, Entity, Inventory } from "./inventory.ts";
import { readHost } from "./read-host.ts";
import { readNetwork } from "./read-network.ts";

/** One object of a property read: its reference and the properties that could be read. */
export interface ObjectProperties {
  obj: ManagedObjectReference;
  props: Readonly<Record<string, unknown>>;
}

/**
 * Decodes what one read of the inventory brought. Objects that vanished meanwhile are simply absent; so is what lacks a property that placing
 * a VM there needs, because the account may not read it.
 */
export function readInventory(
  objects: readonly ObjectProperties[],
  hasKeyProvider: boolean | undefined,
): Inventory {
  const byId = new Map(objects.map((object) => [object.obj.value, object]));
  const entity = ({ obj, props }: ObjectProperties): Entity => ({
    id: obj.value,
    name: decodeName(props.name),
    datacenter: datacenterOf(obj.value, byId),
  });
  const read = <T>(types: readonly string[], decode: (object: ObjectProperties) => T | undefined) =>
    objects.flatMap((object) => {
      const own = types.includes(object.obj.type) ? decode(object) : undefined;
      return own === undefined ? [] : [{ ...entity(object), ...own }];
    });

  return {
    datacenters: read(["Datacenter"], ({ props }) => {
      const vmFolder = idOf(props.vmFolder);
      return vmFolder === undefined ? undefined : { vmFolder };
    }),
    folders: read(["Folder"], ({ props }) => ({
      parent: idOf(props.parent),
      holdsVms: ((props.childType as string[] | undefined) ?? []).includes("VirtualMachine"),
    })),
    computeResources: read(["ComputeResource", "ClusterComputeResource"], ({ props }) => {
      const rootPool = idOf(props.resourcePool);
      return rootPool === undefined ? undefined : { rootPool, hosts: idsOf(props.host) };
    }),
    resourcePools: read(["ResourcePool", "VirtualApp"], ({ props }) => {
      const computeResource = idOf(props.owner);
      return computeResource === undefined ? undefined : { computeResource };
    }),
    hosts: read(["HostSystem"], ({ props }) => ({
      ...readHost(props),
      computeResource: idOf(props.parent),
      datastores: idsOf(props.datastore),
      networks: idsOf(props.network),
    })),
    datastores: read(["Datastore"], ({ props }) =>
      readDatastore(props.summary as DatastoreSummary | undefined),
    ),
    networks: read(["Network", "DistributedVirtualPortgroup", "OpaqueNetwork"], (object) =>
      readNetwork(object, byId),
    ),
    hasKeyProvider,
  };
}

function readDatastore(summary: DatastoreSummary | undefined): Omit<Datastore, keyof Entity> {
  const inService = (summary?.maintenanceMode ?? "normal") === "normal";
  return { accessible: summary?.accessible === true && inService, freeBytes: summary?.freeSpace ?? 0 };
}

function datacenterOf(start: string, byId: ReadonlyMap<string, ObjectProperties>): string | undefined {
  let current: string | undefined = start;
  while (current !== undefined) {
    const object = byId.get(current);
    if (object?.obj.type === "Datacenter") return current;
    current = idOf(object?.props.parent);
  }
  return undefined;
}

const idOf = (ref: unknown): string | undefined => (ref as ManagedObjectReference | undefined)?.value;
const idsOf = (refs: unknown): string[] =>
  ((refs as ManagedObjectReference[] | undefined) ?? []).map(({ value }) => value);
