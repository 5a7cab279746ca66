import type { Call } from "../call.ts";
import { ErrorCode, type Libvirt } from "../client/index.ts";
import { attempt, isRefused } from "../errors.ts";
import type { FoundPool } from "../pools.ts";

/**
 * Has libvirtd look what is in the pool: what another libvirtd put there, what uploaded bytes are, how much space is left. It refuses
 * while it makes a volume there; then others' imports see to that.
 */
export async function refreshIfIdle(libvirt: Libvirt, pool: FoundPool, call: Call): Promise<void> {
  await attempt(`refreshing pool ${pool.name}`, async () => {
    try {
      await libvirt.call("storagePoolRefresh", { pool: pool.handle }, call);
    } catch (error) {
      if (!isRefused(error, ErrorCode.INTERNAL_ERROR)) throw error;
    }
  });
}
