import type { CallContext } from "@virtrigaud/kit";
import type { StorageVol } from "./client/index.ts";
import type { Host } from "./host.ts";
import { deleteVolume } from "./volumes.ts";

/** Long enough to remove a few files, also when the call that made them is over. */
const cleanUpMs = 30_000;

/** Removes what a failed call made for a VM, unless the VM came to exist after all: then the next call finds it. Never fails. */
export async function discard(
  host: Host,
  uid: string,
  made: readonly StorageVol[],
  log: CallContext["log"],
): Promise<void> {
  if (made.length === 0) return;
  const call = { signal: AbortSignal.timeout(cleanUpMs) };
  try {
    if ((await host.domains.byId(uid, call)) !== undefined) return;
    for (const vol of made) await deleteVolume(host.libvirt, vol, call);
  } catch (error) {
    const volumes = made.map(({ key }) => key);
    log.warn({ err: error, volumes }, "volumes of a VM that was not made stay; DeleteVM removes them");
  }
}
