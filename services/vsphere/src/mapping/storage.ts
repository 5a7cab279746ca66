import type { Disk, VMSpec } from "@virtrigaud/proto";
import type { Datastore, Inventory } from "./inventory.ts";
import type { Placement } from "./placement.ts";
import { listNames, type Problems } from "./problems.ts";
import type { Settings, StorageClass } from "./settings.ts";

/** Where one disk goes. */
export interface DiskStorage {
  datastore: Datastore;
  /** Profile id of the storage policy to attach. */
  policy?: string;
}

/** Where the VM's own files go and, by name of the disk, where each disk goes. */
export interface VmStorage {
  home: Datastore;
  disks: ReadonlyMap<string, DiskStorage>;
}

/** Finds a datastore for every disk and one for the VM's own files; violations list what exists. */
export function chooseStorage(
  spec: VMSpec,
  placement: Placement,
  inventory: Inventory,
  settings: Settings,
  problems: Problems,
): VmStorage | undefined {
  const reachable = reachableDatastores(placement, inventory);
  const known = listNames(reachable.map(({ name }) => name));
  const wished = defaultDatastore(spec, settings);
  const fallback = wished === "" ? best(reachable, inventory) : reachable.find(({ name }) => name === wished);
  if (fallback === undefined) {
    const text =
      wished === ""
        ? "no datastore is accessible to the chosen hosts; mount one, or name another cluster or host"
        : `no datastore ${wished} is accessible to the chosen hosts; there are: ${known}`;
    return problems.add("spec.placement.datastore", "PLACEMENT_UNKNOWN", text);
  }
  const disks = new Map<string, DiskStorage>();
  for (const disk of spec.disks) {
    const storage = storageOf(disk, fallback, reachable, settings);
    if (storage !== undefined) disks.set(disk.name, storage);
    else
      problems.add(
        `spec.disks[${disk.name}].storage_class`,
        "STORAGE_CLASS_UNKNOWN",
        `storage class ${disk.storageClass} is neither mapped to reachable storage in Provider.spec.storageClasses (mapped: ${listNames(Object.keys(settings.storageClasses))}) nor the name of a datastore (there are: ${known})`,
      );
  }
  const [root] = spec.disks;
  return { home: disks.get(root?.name ?? "")?.datastore ?? fallback, disks };
}

/** The datastores that a spec needs by name. */
export function datastoreNames(spec: VMSpec, settings: Settings): string[] {
  const wished = defaultDatastore(spec, settings);
  const classes = spec.disks.flatMap(({ storageClass }) =>
    storageClass === "" ? [] : (datastoreOfClass(storageClass, settings) ?? []),
  );
  return wished === "" ? classes : [wished, ...classes];
}

const defaultDatastore = (spec: VMSpec, settings: Settings): string =>
  spec.placement?.datastore || settings.defaults.datastore || "";

/** A class is mapped by the operator or is a datastore's name; one that is a policy alone leaves the datastore open: undefined. */
export function datastoreOfClass(storageClass: string, settings: Settings): string | undefined {
  const mapped = classOf(storageClass, settings);
  return mapped === undefined ? storageClass : mapped.datastore;
}

const classOf = (name: string, { storageClasses }: Settings): StorageClass | undefined =>
  Object.hasOwn(storageClasses, name) ? storageClasses[name] : undefined;

function storageOf(
  { storageClass }: Disk,
  fallback: Datastore,
  reachable: readonly Datastore[],
  settings: Settings,
): DiskStorage | undefined {
  if (storageClass === "") return { datastore: fallback };
  const name = datastoreOfClass(storageClass, settings);
  const datastore = name === undefined ? fallback : reachable.find((candidate) => candidate.name === name);
  const policy = classOf(storageClass, settings)?.policy;
  return datastore && { datastore, ...(policy === undefined ? {} : { policy }) };
}

/** Datastores that every candidate host can reach, so that it does not matter which one vCenter picks. */
function reachableDatastores({ candidates }: Placement, inventory: Inventory): Datastore[] {
  return inventory.datastores.filter(
    ({ id, accessible }) => accessible && candidates.every((host) => host.datastores.includes(id)),
  );
}

/** Shared before local, so that the VM can move; then the one with the most free space. */
function best(datastores: readonly Datastore[], { hosts }: Inventory): Datastore | undefined {
  const isShared = ({ id }: Datastore) => hosts.filter((host) => host.datastores.includes(id)).length > 1;
  return [...datastores].sort(
    (a, b) =>
      Number(isShared(b)) - Number(isShared(a)) || b.freeBytes - a.freeBytes || a.name.localeCompare(b.name),
  )[0];
}
