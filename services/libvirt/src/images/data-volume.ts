import type { Call } from "../call.ts";
import type { Libvirt, StorageVol } from "../client/index.ts";
import { attempt } from "../errors.ts";
import { el, renderXml } from "../mapping/xml.ts";
import type { FoundPool } from "../pools.ts";
import { deleteVolume } from "../volumes.ts";
import { newDataName } from "./names.ts";

/** Long enough to remove a file, also when the work that made it was cancelled. */
const cleanUpMs = 30_000;

/** Makes an empty volume for the bytes of one attempt at importing an image. */
export async function makeData(libvirt: Libvirt, pool: FoundPool, call: Call): Promise<StorageVol> {
  const name = newDataName();
  // Whatever the bytes are: libvirtd takes them as they come, and looks what they are at its next refresh.
  const xml = renderXml(
    el("volume", {}, [
      el("name", {}, name),
      el("capacity", { unit: "bytes" }, 0),
      el("target", {}, [el("format", { type: "raw" })]),
    ]),
  );
  const { vol } = await attempt(`making volume ${name} in pool ${pool.name}`, () =>
    libvirt.call("storageVolCreateXml", { pool: pool.handle, xml }, call),
  );
  return vol;
}

/** Fills a data volume; answers how many bytes it has then. */
export async function fillData(
  libvirt: Libvirt,
  data: StorageVol,
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (received: number) => void,
  { signal }: Call,
): Promise<number> {
  let received = 0;
  async function* counted() {
    for await (const piece of bytes) {
      received += piece.length;
      onBytes(received);
      yield piece;
    }
  }
  await attempt(`uploading volume ${data.key}`, () => libvirt.upload(data, counted(), { signal }));
  return received;
}

/** Removes a data volume if the work on it fails; what cannot be removed now, removeRemains does later. */
export async function orDiscard<T>(libvirt: Libvirt, data: StorageVol, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await deleteVolume(libvirt, data, { signal: AbortSignal.timeout(cleanUpMs) }).catch(() => {});
    throw error;
  }
}
