import type { Disk, VMSpec } from "@virtrigaud/proto";
import type { Node, Storage } from "./inventory.ts";
import { storageOf } from "./language/volume.ts";
import { listNames, type Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";

/** The storage of each disk by the disk's name, and that of everything else of the VM. */
export interface VmStorage {
  home: Storage | undefined;
  disks: ReadonlyMap<string, Storage>;
}

export interface StorageScope {
  node: Node;
  settings: Settings;
  /** Volume of the template's root disk; undefined for a blank VM. */
  templateVolume: string | undefined;
}

/** Chooses among the node's active storages for disks; violations list what exists. */
export function chooseStorage(spec: VMSpec, scope: StorageScope, problems: Problems): VmStorage {
  const usable = usableStorages(scope.node, "images");
  const disks = new Map<string, Storage>();
  for (const disk of spec.disks) {
    const storage = storageOfDisk(disk, spec, usable, scope, problems);
    if (storage !== undefined) disks.set(disk.name, storage);
  }
  const [root] = spec.disks;
  return {
    home: disks.get(root?.name ?? "") ?? usable.find(isNamed(defaultName(spec, usable, scope))),
    disks,
  };
}

/** The storages of a node that take a content now. */
export const usableStorages = ({ storages }: Node, content: string): Storage[] =>
  storages.filter((storage) => storage.active && storage.content.has(content));

/** The native name behind a storage class. */
export const storageOfClass = (storageClass: string, { storageClasses }: Settings): string =>
  Object.hasOwn(storageClasses, storageClass)
    ? (storageClasses[storageClass]?.storage ?? storageClass)
    : storageClass;

const isNamed =
  (wanted: string | undefined) =>
  ({ name }: Storage): boolean =>
    name === wanted;

function storageOfDisk(
  { name, storageClass }: Disk,
  spec: VMSpec,
  usable: readonly Storage[],
  scope: StorageScope,
  problems: Problems,
): Storage | undefined {
  const { node, settings } = scope;
  const known = listNames(usable.map((storage) => storage.name));
  if (storageClass !== "") {
    const found = usable.find(isNamed(storageOfClass(storageClass, settings)));
    if (found !== undefined) return found;
    return problems.add(
      `spec.disks[${name}].storage_class`,
      "STORAGE_CLASS_UNKNOWN",
      `storage class ${storageClass} is neither mapped in Provider.spec.storageClasses to an active storage of node ${node.name} for disk images (mapped: ${listNames(Object.keys(settings.storageClasses))}) nor the name of one (there are: ${known})`,
    );
  }
  const wanted = defaultName(spec, usable, scope);
  const found = usable.find(isNamed(wanted));
  if (found !== undefined) return found;
  const missing =
    wanted === undefined
      ? "several storages could take the disks"
      : `no active storage ${wanted} for disk images`;
  return problems.add(
    "spec.placement.datastore",
    "PLACEMENT_UNKNOWN",
    `${missing} on node ${node.name}; there are: ${known}; name one of them in placement.datastore or Provider.spec.defaults.datastore, or let one take images: pvesm set STORAGE --content images,…`,
  );
}

/** By the request, then the image, then the operator; at last where the template is, or the only storage there is. */
function defaultName(
  spec: VMSpec,
  usable: readonly Storage[],
  { settings, templateVolume }: StorageScope,
): string | undefined {
  const named = spec.placement?.datastore || spec.image?.proxmox?.storage || settings.storage;
  if (named !== undefined && named !== "") return named;
  if (templateVolume !== undefined) return storageOf(templateVolume);
  const [only, ...others] = usable;
  return others.length === 0 ? only?.name : undefined;
}
