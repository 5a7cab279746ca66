import { failedPrecondition, type JobContext, violation } from "@virtrigaud/kit";
import { publicName, type RemoteFile } from "@virtrigaud/kit/download";
import type { UrlImage } from "@virtrigaud/proto";
import type { Libvirt, StorageVol } from "../client/index.ts";
import type { FoundPool } from "../pools.ts";
import { deleteVolume, volumeIn } from "../volumes.ts";
import { fillData, makeData, orDiscard } from "./data-volume.ts";
import { HEAD_BYTES, inspect } from "./inspect.ts";
import { readBacking } from "./links.ts";
import { makeLink, type Target } from "./make-link.ts";
import { contentLink, linkFor } from "./names.ts";
import { peek } from "./peek.ts";
import { removeRemains } from "./remains.ts";

/** Making a link takes milliseconds; a busy host may take longer. */
const publishMs = 60_000;
/** QEMU rounds the size of raw images up to it. */
const sectorBytes = 512;

/** What is stored where. */
export interface Storing {
  readonly libvirt: Libvirt;
  readonly pool: FoundPool;
  readonly image: UrlImage;
  readonly file: RemoteFile;
}

/** Stores a file that is being downloaded and publishes it by its content and by what the request knows of it. */
export async function storeImage(
  { libvirt, pool, image, file }: Storing,
  { signal, progress }: JobContext,
): Promise<void> {
  const { head, all } = await peek(file.bytes, HEAD_BYTES);
  const found = inspect(head, image.format);
  if ("refused" in found) throw imageRefused(publicName(image.url), found.refused);
  const onBytes = (received: number) => {
    if (file.lengthBytes !== undefined) progress((100 * received) / file.lengthBytes);
  };
  const data = await makeData(libvirt, pool, { signal });
  const received = await orDiscard(libvirt, data, async () => {
    await removeRemains(libvirt, pool, data, { signal });
    return fillData(libvirt, data, all, onBytes, { signal });
  });
  const sizeBytes =
    found.format === "qcow2" ? found.sizeBytes : Math.ceil(received / sectorBytes) * sectorBytes;
  const content = contentLink(file.sha256());
  await publish(libvirt, pool, content, data, { path: data.key, format: found.format, sizeBytes });
  if (linkFor(image) === content) return;
  const alias: Target = { path: volumeIn(pool, content).key, format: "qcow2", sizeBytes };
  await makeLink(libvirt, pool, linkFor(image), alias, { signal });
}

/** Links the data, and removes it if that was in vain: another attempt has published the same content, or libvirtd refuses. */
async function publish(
  libvirt: Libvirt,
  pool: FoundPool,
  name: string,
  data: StorageVol,
  target: Target,
): Promise<void> {
  // Not the job's signal: a link that came to be although nobody waits for it any more must not lose its data.
  const call = { signal: AbortSignal.timeout(publishMs) };
  try {
    await makeLink(libvirt, pool, name, target, call);
  } finally {
    const linked = await readBacking(libvirt, volumeIn(pool, name), call);
    if (linked?.path !== data.key) await deleteVolume(libvirt, data, call);
  }
}

/** An image that nobody should run VMs from. */
export const imageRefused = (name: string, why: string) =>
  failedPrecondition([violation("image", "IMAGE_REFUSED", `${name}: ${why}`)]);
