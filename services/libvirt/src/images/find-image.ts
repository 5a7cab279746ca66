import type { Image } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { type BaseImage, imagePool, imageSource } from "../mapping/images.ts";
import { Problems } from "../mapping/problems.ts";
import { volumeIn } from "../volumes.ts";
import { findFile } from "./existing-file.ts";
import type { ImageHost } from "./image-host.ts";
import { readLink } from "./links.ts";
import { linkFor } from "./names.ts";

/**
 * What an image is on the host, for making disks on top of it; undefined when it is not prepared, or has no source here. One round trip
 * if it is in the pool that it names, or in the default pool; one more to look into all others.
 * @throws FAILED_PRECONDITION IMAGE_REFUSED for a file that is no image, or has QEMU open other files.
 */
export async function findImage(host: ImageHost, image: Image, call: Call): Promise<BaseImage | undefined> {
  const { libvirt, settings } = host;
  const pools = await host.pools(call);
  const source = imageSource(image, pools, new Problems());
  if (source === undefined) return undefined;
  if (source.kind === "path") {
    const holding = pools.find(({ name }) => name === source.pool);
    return holding && findFile(libvirt, volumeIn(holding, fileName(source.path)), call);
  }
  const name = linkFor(source.url);
  const first = imagePool({ pool: source.pool, storageClass: "" }, pools, settings, new Problems());
  const found = first && (await readLink(libvirt, first, name, call));
  if (found !== undefined || source.pool !== "") return found;
  const others = pools.filter((pool) => pool.active && pool !== first);
  const elsewhere = await Promise.all(others.map((pool) => readLink(libvirt, pool, name, call)));
  return elsewhere.find((one) => one !== undefined);
}

/** The volume's name: pools are directories. */
export const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
