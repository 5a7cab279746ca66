import type { JobContext } from "@virtrigaud/kit";
import { checksumOf, type DownloadOptions, withDownload } from "@virtrigaud/kit/download";
import type { UrlImage } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Libvirt } from "../client/index.ts";
import type { FoundPool } from "../pools.ts";
import type { ImageHost } from "./image-host.ts";
import { type ImportedImage, leadsToData, readLink } from "./links.ts";
import { linkFor } from "./names.ts";
import { refreshIfIdle } from "./refresh-if-idle.ts";
import { storeImage } from "./store-image.ts";

/**
 * Brings an image from its URL into a pool. Nothing can be renamed through libvirt, so the bytes go to a volume of this attempt's own,
 * and when they are complete and checked a link to it is made: an empty qcow2 overlay, named by the bytes' SHA-256, which VMs' disks
 * are put on top of. Only a link counts as an image, libvirtd lets one of several attempts make it, and its target was complete before.
 * What a killed attempt leaves is an unlinked volume, which a later import removes. See docs/adr/0005-publishing-images.md.
 * @throws ProviderError IMAGE_REFUSED, STORAGE_FULL, those of withDownload, and what libvirtd refuses; the signal's reason.
 */
export async function importImage(
  host: ImageHost,
  image: UrlImage,
  pool: FoundPool,
  context: JobContext,
): Promise<ImportedImage> {
  const { libvirt } = host;
  const { signal } = context;
  await refreshIfIdle(libvirt, pool, { signal });
  const present = await readImported(libvirt, pool, linkFor(image), { signal });
  if (present !== undefined) return present;
  const options = downloadOf(host, image, pool, signal);
  await withDownload(options, (file) => storeImage({ libvirt, pool, image, file }, context));
  await refreshIfIdle(libvirt, pool, { signal });
  host.refresh();
  const made = await readLink(libvirt, pool, linkFor(image), { signal });
  if (made === undefined)
    throw new Error(`image ${linkFor(image)} was published and is not in pool ${pool.name}`);
  return made;
}

/** The imported image behind a link, if its bytes are there as well. */
export async function readImported(
  libvirt: Libvirt,
  pool: FoundPool,
  name: string,
  call: Call,
): Promise<ImportedImage | undefined> {
  const [image, isWhole] = await Promise.all([
    readLink(libvirt, pool, name, call),
    leadsToData(libvirt, pool, name, call),
  ]);
  return isWhole ? image : undefined;
}

function downloadOf(
  { allowedImageHosts }: ImageHost,
  image: UrlImage,
  { name, availableBytes }: FoundPool,
  signal: AbortSignal,
): DownloadOptions {
  return {
    url: image.url,
    checksum: checksumOf(image),
    allowedHosts: allowedImageHosts,
    room: availableBytes === undefined ? undefined : { bytes: availableBytes, where: `pool ${name}` },
    signal,
  };
}
