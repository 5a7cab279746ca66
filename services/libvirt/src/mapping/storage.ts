import type { Disk, VMSpec } from "@virtrigaud/proto";
import { listNames, type Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { first, parseXml, textOf } from "./xml.ts";

/** A storage pool that VMs' disks can be in. */
export interface Pool {
  name: string;
  /** libvirt's type: "dir", "fs", "netfs", "logical" … */
  type: string;
  /** Directory of its files. */
  path: string;
  active: boolean;
  /** Unset when it is not known. */
  availableBytes?: number;
}

/** Pools whose volumes are files, which is what overlays and snapshots need. */
const fileTypes = new Set(["dir", "fs", "netfs", "gluster", "vstorage"]);

/** Reads a pool's description; `active` and the free space come from other calls. */
export function parsePool(xml: string, active: boolean, availableBytes?: number): Pool {
  const root = parseXml(xml);
  return {
    name: textOf(root, "name") ?? "",
    type: root.attributes.type ?? "",
    path: textOf(first(root, "target"), "path") ?? "",
    active,
    ...(availableBytes === undefined ? {} : { availableBytes }),
  };
}

/** The pool of each disk by the disk's name, and that of everything else of the VM; violations list what exists. */
export interface Storage {
  home: Pool | undefined;
  disks: ReadonlyMap<string, Pool>;
}

export function chooseStorage(
  spec: VMSpec,
  pools: readonly Pool[],
  settings: Settings,
  problems: Problems,
): Storage {
  const usable = pools.filter(({ type, active }) => active && fileTypes.has(type));
  const disks = new Map<string, Pool>();
  for (const disk of spec.disks) {
    const pool = poolOf(disk, spec, usable, settings, problems);
    if (pool !== undefined) disks.set(disk.name, pool);
  }
  const [root] = spec.disks;
  return { home: disks.get(root?.name ?? "") ?? defaultPool(spec, usable, settings), disks };
}

/** The native name behind a storage class. */
export const poolOfClass = (storageClass: string, { storageClasses }: Settings): string =>
  Object.hasOwn(storageClasses, storageClass)
    ? (storageClasses[storageClass]?.pool ?? storageClass)
    : storageClass;

function poolOf(
  { name, storageClass }: Disk,
  spec: VMSpec,
  usable: readonly Pool[],
  settings: Settings,
  problems: Problems,
): Pool | undefined {
  const known = listNames(usable.map((pool) => pool.name));
  if (storageClass !== "") {
    const wanted = poolOfClass(storageClass, settings);
    const found = usable.find((pool) => pool.name === wanted);
    if (found !== undefined) return found;
    return problems.add(
      `spec.disks[${name}].storage_class`,
      "STORAGE_CLASS_UNKNOWN",
      `storage class ${storageClass} is neither mapped to an active file pool in Provider.spec.storageClasses (mapped: ${listNames(Object.keys(settings.storageClasses))}) nor the name of one (there are: ${known})`,
    );
  }
  const found = defaultPool(spec, usable, settings);
  if (found !== undefined) return found;
  const wished = defaultName(spec, settings);
  return problems.add(
    "spec.placement.datastore",
    "PLACEMENT_UNKNOWN",
    `no active file pool ${wished}; there are: ${known}; name one of them in placement.datastore or Provider.spec.defaults.datastore, or make it: virsh pool-define-as ${wished} dir --target DIRECTORY && virsh pool-start ${wished}`,
  );
}

const defaultName = (spec: VMSpec, settings: Settings): string =>
  spec.placement?.datastore || settings.defaultPool || "default";

const defaultPool = (spec: VMSpec, usable: readonly Pool[], settings: Settings): Pool | undefined =>
  usable.find(({ name }) => name === defaultName(spec, settings));
