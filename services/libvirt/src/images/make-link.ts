import { setTimeout as sleep } from "node:timers/promises";
import type { Call } from "../call.ts";
import { ErrorCode, type Libvirt } from "../client/index.ts";
import { attempt, isRefused } from "../errors.ts";
import { el, renderXml } from "../mapping/xml.ts";
import type { FoundPool } from "../pools.ts";
import { volumeIn } from "../volumes.ts";
import { leadsToData } from "./links.ts";
import { refreshIfIdle } from "./refresh-if-idle.ts";

/** QEMU makes an empty overlay in some 20 ms. */
const pauseMs = 50;

/** What an image's link leads to, and how it is to be read. */
export interface Target {
  readonly path: string;
  readonly format: "qcow2" | "raw";
  /** Virtual size. */
  readonly sizeBytes: number;
}

/**
 * Makes a link, unless there is one that leads to data. libvirtd lets one of several callers win; the others wait until its link can be read.
 * @throws ProviderError STORAGE_FULL and others as libvirtd refuses; the signal's reason.
 */
export async function makeLink(
  libvirt: Libvirt,
  pool: FoundPool,
  name: string,
  target: Target,
  call: Call,
): Promise<void> {
  const xml = linkXml(name, target);
  await attempt(`publishing image ${name} in pool ${pool.name}`, async () => {
    for (;;) {
      try {
        await libvirt.call("storageVolCreateXml", { pool: pool.handle, xml }, call);
        return;
      } catch (error) {
        // In the pool's list, or in its directory without libvirtd having looked since.
        if (!isRefused(error, ErrorCode.STORAGE_VOL_EXIST, ErrorCode.OPERATION_INVALID)) throw error;
      }
      if (await leadsToData(libvirt, pool, name, call)) return;
      await removeHalfMade(libvirt, pool, name, call);
    }
  });
}

/** Removes a link that leads nowhere. libvirtd refuses that while the link is being made, and then it is only waited for. */
async function removeHalfMade(
  libvirt: Libvirt,
  pool: FoundPool,
  name: string,
  { signal }: Call,
): Promise<void> {
  try {
    await libvirt.call("storageVolDelete", { vol: volumeIn(pool, name) }, { signal });
  } catch (error) {
    if (!isRefused(error, ErrorCode.OPERATION_INVALID, ErrorCode.NO_STORAGE_VOL)) throw error;
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    if (isRefused(error, ErrorCode.NO_STORAGE_VOL)) await refreshIfIdle(libvirt, pool, { signal });
  }
}

const linkXml = (name: string, { path, format, sizeBytes }: Target): string =>
  renderXml(
    el("volume", {}, [
      el("name", {}, name),
      el("capacity", { unit: "bytes" }, sizeBytes),
      el("allocation", { unit: "bytes" }, 0),
      el("target", {}, [el("format", { type: "qcow2" }), el("compat", {}, "1.1")]),
      el("backingStore", {}, [el("path", {}, path), el("format", { type: format })]),
    ]),
  );
