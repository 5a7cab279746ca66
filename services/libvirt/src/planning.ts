import { canonicalSpec, ProviderError, specFingerprint } from "@virtrigaud/kit";
import type { Image, Violation, VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { Host } from "./host.ts";
import { type BaseImage, imageSource } from "./mapping/images.ts";
import type { Marker } from "./mapping/metadata.ts";
import { type Planned, planVm } from "./mapping/plan.ts";
import { Problems } from "./mapping/problems.ts";
import { refreshPool } from "./refresh-pool.ts";

/** The marker that a VM of this owner and spec is stamped with. */
export const markerFor = (uid: string, controllerId: string, spec: VMSpec): Marker => ({
  uid,
  controllerId,
  specFingerprint: specFingerprint(spec),
  canonicalSpec: canonicalSpec(spec),
});

/**
 * Plans a new VM on pools and networks as they were last read; a refusal is only believed of a fresh look, since what is missing may have been
 * made a moment ago.
 */
export async function planNew(host: Host, marker: Marker, spec: VMSpec, call: Call): Promise<Planned> {
  const planned = await planOnce(host, marker, spec, call);
  if (planned.violations.length === 0) return planned;
  const isOld = host.refresh();
  const isFound = await refreshImagePool(host, spec, planned, call);
  return isOld || isFound ? planOnce(host, marker, spec, call) : planned;
}

/** An image that somebody copied into a pool's directory is a volume only after a refresh. Answers whether there was one to do. */
async function refreshImagePool(
  host: Host,
  { image }: VMSpec,
  { violations }: Planned,
  call: Call,
): Promise<boolean> {
  if (image === undefined || !violations.some(({ reason }) => reason === "IMAGE_NOT_PREPARED")) return false;
  const pools = await host.pools(call);
  const source = imageSource(image, pools, new Problems());
  const pool = source?.kind === "path" ? pools.find(({ name }) => name === source.pool) : undefined;
  if (pool !== undefined) await refreshPool(host.libvirt, pool, call);
  return pool !== undefined;
}

async function planOnce(host: Host, marker: Marker, spec: VMSpec, call: Call): Promise<Planned> {
  const [facts, pools, networks, image] = await Promise.all([
    host.facts(call, marker.uid),
    host.pools(call),
    host.networks(call),
    spec.image && imageOrRefusal(host, spec.image, call),
  ]);
  const { settings } = host;
  const input = { marker, spec, host: facts, pools, networks, settings };
  if (!(image instanceof ProviderError)) return planVm({ ...input, image });
  const planned = planVm({ ...input, image: undefined });
  return { ...planned, violations: planned.violations.map((one) => refusedInstead(one, image)) };
}

/** A file that may not be used is one of the reasons why a plan fails, beside all others. */
async function imageOrRefusal(
  host: Host,
  image: Image,
  call: Call,
): Promise<BaseImage | ProviderError | undefined> {
  try {
    return await host.image(image, call);
  } catch (error) {
    if (error instanceof ProviderError && error.reason === "IMAGE_REFUSED") return error;
    throw error;
  }
}

const refusedInstead = (violation: Violation, { reason, message }: ProviderError): Violation =>
  violation.reason === "IMAGE_NOT_PREPARED" ? { ...violation, reason, description: message } : violation;
