import { failedPrecondition, invalidArgument } from "@virtrigaud/kit";
import { ChangeEffect, type VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { flags, LibvirtError } from "./client/index.ts";
import { attempt, providerError } from "./errors.ts";
import type { Host } from "./host.ts";
import type { Change } from "./mapping/drift.ts";
import { type ExistingPlan, planExisting } from "./mapping/existing.ts";
import type { LiveAction } from "./mapping/live-actions.ts";
import { type Marker, markerElement, metadataNamespace, readTags } from "./mapping/metadata.ts";
import { renderXml } from "./mapping/xml.ts";
import type { Found } from "./read-domain.ts";
import { setMetadata } from "./set-metadata.ts";
import { ensureVolume } from "./volumes.ts";

/** What differs between a domain and what is asked of it. @throws INVALID_ARGUMENT, or FAILED_PRECONDITION with every refusal. */
export async function planReshape(
  host: Host,
  found: Found,
  marker: Marker,
  spec: VMSpec,
  call: Call,
): Promise<ExistingPlan> {
  const [facts, pools, networks] = await Promise.all([
    host.facts(call, marker.uid),
    host.pools(call),
    host.networks(call),
  ]);
  const { settings } = host;
  const planned = planExisting({ marker, spec, host: facts, pools, networks, settings }, found);
  if (planned.invalid.length > 0) throw invalidArgument(planned.invalid);
  if (planned.violations.length > 0) throw failedPrecondition(planned.violations);
  return planned;
}

/**
 * Makes a domain what was planned: new volumes, what can act at once on a running guest, then the stored definition with its marker, which is
 * last so that a call that is cut off is repeated as a whole. Answers the changes as they came to act.
 */
export async function reshape(
  host: Host,
  found: Found,
  { definition, volumes, changes }: ExistingPlan,
  marker: Marker,
  call: Call,
): Promise<Change[]> {
  const pools = await host.pools(call);
  for (const volume of volumes) {
    const pool = pools.find(({ name }) => name === volume.pool);
    if (pool !== undefined) await ensureVolume(host.libvirt, volume, pool, call);
  }
  const acted: Change[] = [];
  for (const change of changes) acted.push(await actOn(host, found, change, call));
  await attempt(`storing the definition of VM ${found.domain.name}`, async () => {
    await host.libvirt.call("domainDefineXmlFlags", { xml: renderXml(definition) }, call);
    // What runs has a marker of its own: a proof is of the spec that runs, which is the old one until a restart.
    const element = markerElement(marker, readTags(definition));
    if (found.live !== undefined && acted.every(({ effect }) => effect === ChangeEffect.LIVE))
      await setMetadata(host, found.domain, metadataNamespace, element, "live", call);
  });
  return acted;
}

/** What a running guest does not take at once waits in the stored definition, except a disk's size, which is in the disk itself. */
async function actOn(host: Host, found: Found, change: Change, call: Call): Promise<Change> {
  const { action } = change;
  if (action === undefined) return change;
  try {
    await perform(host, found, action, call);
    return change;
  } catch (error) {
    if (!(error instanceof LibvirtError) || action.kind === "grow-disk")
      throw providerError(`changing VM ${found.domain.name}`, error);
    const description = `${change.description}; the running guest did not take it: ${error.message}`;
    return { ...change, description, effect: ChangeEffect.RESTART_REQUIRED };
  }
}

async function perform(
  { libvirt }: Host,
  { domain, live }: Found,
  action: LiveAction,
  call: Call,
): Promise<void> {
  const { LIVE } = flags.Affect;
  switch (action.kind) {
    case "set-vcpus":
      await libvirt.call("domainSetVcpusFlags", { domain, vcpus: action.count, flags: LIVE }, call);
      return;
    case "attach-device":
      await libvirt.call("domainAttachDeviceFlags", { domain, xml: action.xml, flags: LIVE }, call);
      return;
    case "detach-device":
      await libvirt.call("domainDetachDeviceFlags", { domain, xml: action.xml, flags: LIVE }, call);
      return;
    case "grow-disk": {
      const size = BigInt(action.capacityBytes);
      if (live !== undefined) {
        const { BYTES } = flags.BlockResize;
        await libvirt.call("domainBlockResize", { domain, disk: action.target, size, flags: BYTES }, call);
        return;
      }
      const { vol } = await libvirt.call("storageVolLookupByPath", { path: action.path }, call);
      await libvirt.call("storageVolResize", { vol, capacity: size }, call);
    }
  }
}
