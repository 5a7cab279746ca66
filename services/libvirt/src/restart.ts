import { pollUntil } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import type { Domain, Libvirt } from "./client/index.ts";
import { attempt } from "./errors.ts";
import { isOff, powerOff, powerOn } from "./power.ts";

/** How long a guest may take to shut down before its power is cut. */
const gracefulMs = 60_000;

/** Shuts a guest down, by force if it does not, and starts it on its stored definition. */
export async function restart(libvirt: Libvirt, domain: Domain, call: Call): Promise<undefined> {
  await attempt(`restarting VM ${domain.name}`, async () => {
    await libvirt.call("domainShutdownFlags", { domain }, call);
    const patience = AbortSignal.timeout(gracefulMs);
    const signal = AbortSignal.any([call.signal, patience]);
    const goesOff = async () => (await isOff(libvirt, domain, call)) || undefined;
    await pollUntil(goesOff, { signal, intervalMs: 200, maxIntervalMs: 2_000 }).catch((error: unknown) => {
      if (!patience.aborted || call.signal.aborted) throw error;
    });
  });
  await powerOff(libvirt, domain, call);
  await powerOn(libvirt, domain, call);
  return undefined;
}
