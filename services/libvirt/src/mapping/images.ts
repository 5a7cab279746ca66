import { type Image, type UrlImage, VMSpec } from "@virtrigaud/proto";
import { isPlainPath } from "./names.ts";
import { listNames, Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { chooseStorage, type Pool, poolOfClass } from "./storage.ts";

/** What an image is here: a file that a pool holds, or something to download first; `pool` is a name, "" for any. */
export type ImageSource =
  | { kind: "path"; path: string; pool: string }
  | { kind: "url"; url: UrlImage; pool: string };

/** A file that root disks are made on top of. It is never written to. */
export interface BaseImage {
  path: string;
  /** "qcow2" or "raw". */
  format: string;
  /** Virtual size; unset when it is not known yet. */
  sizeBytes?: number;
}

/** Where an image comes from on libvirt, or the violation that says what to add. */
export function imageSource(
  image: Image,
  pools: readonly Pool[],
  problems: Problems,
): ImageSource | undefined {
  const { libvirt } = image;
  if (libvirt?.path) return pathSource(libvirt.path, pools, problems);
  const url = libvirt?.url ?? image.url;
  if (url !== undefined) return { kind: "url", url, pool: libvirt?.storagePool ?? "" };
  return problems.add(
    "spec.image",
    "IMAGE_SOURCE_MISSING",
    `image ${image.name} has no source for libvirt; add source.libvirt.url, source.libvirt.path or source.http.url`,
  );
}

/** A path outside of the pools could be any file of the host, handed to the guest as a disk. */
function pathSource(path: string, pools: readonly Pool[], problems: Problems): ImageSource | undefined {
  const directory = path.slice(0, path.lastIndexOf("/"));
  const pool = pools.find((one) => one.active && one.path !== "" && one.path === directory);
  if (isPlainPath(path) && pool !== undefined) return { kind: "path", path, pool: pool.name };
  return problems.add(
    "spec.image.libvirt.path",
    "IMAGE_REFUSED",
    `${path} is in no active pool; move the image into one (there are: ${listNames(pools.map(({ name, path: at }) => `${name} at ${at}`))}) or define a pool for its directory`,
  );
}

/** The pool that an image is imported into; a violation lists what exists. `storageClass` is the request's, "" without one. */
export function imagePool<P extends Pool>(
  asked: { pool: string; storageClass: string },
  pools: readonly P[],
  settings: Settings,
  problems: Problems,
): P | undefined {
  const { pool, storageClass } = asked;
  const datastore = pool || (storageClass === "" ? "" : poolOfClass(storageClass, settings));
  // As for what belongs to a VM and is none of its disks.
  const spec = VMSpec.fromPartial({ placement: { datastore } });
  const { home } = chooseStorage(spec, pools, settings, new Problems());
  const found = pools.find((one) => one === home);
  if (found !== undefined) return found;
  const known = listNames(pools.filter(({ active }) => active).map(({ name }) => name));
  if (pool === "" && storageClass !== "")
    return problems.add(
      "storage_class",
      "STORAGE_CLASS_UNKNOWN",
      `storage class ${storageClass} is neither mapped to an active file pool in Provider.spec.storageClasses nor the name of one (active pools: ${known})`,
    );
  const wished = datastore || settings.defaultPool || "default";
  return problems.add(
    "image.libvirt.storage_pool",
    "PLACEMENT_UNKNOWN",
    `no active file pool ${wished} to keep the image in; active pools: ${known}; name one in storage_pool or Provider.spec.defaults.datastore`,
  );
}
