import type { Image, UrlImage } from "@virtrigaud/proto";
import { isPlainPath } from "./names.ts";
import { listNames, type Problems } from "./problems.ts";
import type { Pool } from "./storage.ts";

/** What an image is here: a file that a pool holds, or something to download first. */
export type ImageSource = { kind: "path"; path: string } | { kind: "url"; url: UrlImage; pool: string };

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
  const holds = (pool: Pool) => pool.active && pool.path !== "" && path.startsWith(`${pool.path}/`);
  if (isPlainPath(path) && pools.some(holds)) return { kind: "path", path };
  return problems.add(
    "spec.image.libvirt.path",
    "IMAGE_REFUSED",
    `${path} is in no active pool; move the image into one (there are: ${listNames(pools.map((pool) => `${pool.name} at ${pool.path}`))}) or define a pool for its directory`,
  );
}
