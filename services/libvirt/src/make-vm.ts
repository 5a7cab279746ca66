import { type CallContext, ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import { type Domain, DomainState, ErrorCode, flags, type StorageVol } from "./client/index.ts";
import { discard } from "./discard.ts";
import { attempt, isFinal, isRefused } from "./errors.ts";
import type { Host } from "./host.ts";
import type { Marker } from "./mapping/metadata.ts";
import type { Plan } from "./mapping/plan.ts";
import { parseXml } from "./mapping/xml.ts";
import type { FoundPool } from "./pools.ts";
import type { Found } from "./read-domain.ts";
import { reuseVolume } from "./reuse-volume.ts";
import { uploadSeed } from "./seed/upload-seed.ts";
import { ensureVolume, volumeIn } from "./volumes.ts";

type Log = CallContext["log"];

/** Makes the volumes, the seed and then the domain, whose definition is what makes the VM exist; answers it as it was read back. */
export async function makeVm(host: Host, marker: Marker, plan: Plan, call: Call, log: Log): Promise<Found> {
  const made: StorageVol[] = [];
  try {
    await host.onPools(call, (pools) => makeVolumes(host, plan, pools, made, call)).catch(orBusy);
    const { domain } = await attempt("defining the domain", () =>
      host.libvirt.call("domainDefineXmlFlags", { xml: plan.domainXml }, call),
    );
    host.domains.confirm(marker.uid, domain);
    return await readBack(host, domain, plan, call);
  } catch (error) {
    // Who calls again goes on with what there is. It must not be gone when libvirtd defines late what it was asked to, or when another
    // daemon, which has taken it over, does.
    if (isFinal(error)) await discard(host, marker.uid, made, log);
    throw error;
  }
}

async function makeVolumes(
  host: Host,
  { volumes, seed }: Plan,
  pools: readonly FoundPool[],
  made: StorageVol[],
  call: Call,
): Promise<void> {
  const poolOf = (name: string) => pools.find((pool) => pool.name === name);
  for (const volume of volumes) {
    const pool = poolOf(volume.pool);
    if (pool === undefined) throw new Error(`the plan names pool ${volume.pool}, which was not read`);
    const isNew = await ensureVolume(host.libvirt, volume, pool, call);
    if (isNew) made.push(volumeIn(pool, volume.name));
    else await reuseVolume(host.libvirt, volume, call);
  }
  if (seed === undefined) return;
  const pool = poolOf(seed.pool);
  if (pool !== undefined) made.push(volumeIn(pool, seed.name));
  await uploadSeed(host, seed, call);
}

/** A volume that comes or goes between two of our steps is the work of another daemon on the same VM. */
function orBusy(error: unknown): never {
  const { STORAGE_VOL_EXIST, NO_STORAGE_VOL } = ErrorCode;
  if (!(error instanceof ProviderError) || !isRefused(error.cause, STORAGE_VOL_EXIST, NO_STORAGE_VOL))
    throw error;
  throw new ProviderError({
    code: status.ABORTED,
    reason: "BUSY",
    message: `another daemon makes the same VM: ${error.message}`,
    retryAfterMs: 500,
    cause: error.cause,
  });
}

/** A domain that was just defined is off, and its volumes are as libvirtd took them. */
async function readBack(host: Host, domain: Domain, { volumes }: Plan, call: Call): Promise<Found> {
  const { xml } = await attempt(`reading back VM ${domain.name}`, () =>
    host.libvirt.call("domainGetXmlDesc", { domain, flags: flags.DomainXml.INACTIVE }, call),
  );
  const found: Found = {
    domain,
    stored: parseXml(xml),
    live: undefined,
    state: DomainState.SHUTOFF,
    hasManagedSave: false,
    volumes,
    stats: new Map(),
    interfaces: [],
  };
  host.inventory.note(found);
  return found;
}
