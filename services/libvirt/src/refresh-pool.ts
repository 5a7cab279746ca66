import { pollUntil } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import { ErrorCode, type Libvirt } from "./client/index.ts";
import { attempt, isRefused } from "./errors.ts";
import type { FoundPool } from "./pools.ts";

/** How long volumes that others are making are waited for. */
const patienceMs = 30_000;

/** Has libvirt look at a pool's files again. It does not while a volume is being made or filled there. */
export async function refreshPool(
  libvirt: Libvirt,
  { name, handle }: FoundPool,
  { signal }: Call,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  const refresh = async () => {
    try {
      await libvirt.call("storagePoolRefresh", { pool: handle }, { signal });
      return true;
    } catch (error) {
      if (isBusy(error) && Date.now() < deadline) return undefined;
      throw error;
    }
  };
  await attempt(`refreshing pool ${name}`, () =>
    pollUntil(refresh, { signal, intervalMs: 50, maxIntervalMs: 500 }),
  );
}

/** libvirt's words, from 1.2 to 11. */
const isBusy = (error: unknown): boolean =>
  isRefused(error, ErrorCode.INTERNAL_ERROR) &&
  (error as Error).message.includes("asynchronous jobs running");
