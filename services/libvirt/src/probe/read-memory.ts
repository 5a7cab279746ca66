import type { Call } from "../call.ts";
import { type Libvirt, LibvirtError } from "../client/index.ts";

/** libvirt names four kinds of memory of a whole host and takes no other number. */
const kinds = 4;
const kib = 1024;

/** A host's memory in bytes. */
export interface Memory {
  readonly totalBytes: number;
  /** What guests could have now, what only caches files included. */
  readonly freeBytes: number;
}

/** Reads the host's memory as its kernel counts it; undefined where libvirtd does not tell. */
export async function readMemory(libvirt: Libvirt, call: Call): Promise<Memory | undefined> {
  try {
    const { stats } = await libvirt.call("nodeGetMemoryStats", { count: kinds, cell: -1 }, call);
    const sum = (...kinds: readonly string[]) =>
      stats
        .filter(({ field }) => kinds.includes(field))
        .reduce((all, { value }) => all + Number(value) * kib, 0);
    return { totalBytes: sum("total"), freeBytes: sum("free", "buffers", "cached") };
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}
