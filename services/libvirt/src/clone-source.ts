import { ProviderError, status } from "@virtrigaud/kit";
import { CloneMode, type CloneVMRequest, type VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { notFound } from "./domains.ts";
import type { Host } from "./host.ts";
import { foundSpec } from "./mapping/found-spec.ts";
import { readMarker, requestedSpec } from "./mapping/metadata.ts";
import type { Element } from "./mapping/xml.ts";
import type { Found } from "./read-domain.ts";
import { removeSnapshot } from "./remove-snapshot.ts";
import { snapshotOf } from "./snapshots.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** A definition whose disks' files nothing writes to, until it is released. */
export interface CloneSource {
  source: Element;
  sourceUid: string;
  sourceSpec: VMSpec;
  release(): Promise<void>;
}

/** The VM that a request names. @throws NOT_FOUND. */
export async function sourceOf(host: Host, { source }: CloneVMRequest, call: Call): Promise<Found> {
  const reference = source?.reference;
  if (reference?.$case === "uid") return host.domains.owned(reference.value, call, "full");
  const found = await host.domains.byId(reference?.value ?? "", call, "full");
  if (found === undefined) throw notFound(`no VM has the id ${reference?.value}`);
  return found;
}

/** What is copied: a snapshot's files, those of a VM that is off, or those that a snapshot freezes for the purpose. The caller has the source's turn. */
export async function cloneSource(
  host: Host,
  found: Found,
  { uid, snapshotId, mode }: CloneVMRequest,
  call: Call,
): Promise<CloneSource> {
  const marker = readMarker(found.stored);
  const sourceUid = marker?.uid ?? found.domain.uuid;
  const sourceSpec = requestedSpec(marker) ?? foundSpec(found, undefined, host.settings);
  const common = { sourceUid, sourceSpec, release: async () => {} };
  const isLinked = mode === CloneMode.LINKED;
  if (snapshotId !== "") {
    const { domain } = await snapshotOf(host.libvirt, found.domain, snapshotId, call);
    return { ...common, source: domain };
  }
  if (found.live === undefined && !isLinked) return { ...common, source: found.stored };
  if (marker === undefined) throw notOurs(found.domain.name);
  const name = `clone-${uid}`;
  const description = isLinked ? "Linked clones are on top of it." : "Is removed when the clone is made.";
  const options = { name, description, includeMemory: false, quiesce: false };
  const { id } = await takeSnapshot(host, sourceUid, found, options, call);
  const { domain } = await snapshotOf(host.libvirt, found.domain, id, call);
  const release = async () => {
    if (!isLinked) await removeSnapshot(host, sourceUid, id, { signal: AbortSignal.timeout(releaseMs) });
  };
  return { ...common, source: domain, release };
}

/** Merging what was written meanwhile takes its time, also when the call is over. */
const releaseMs = 10 * 60_000;

const notOurs = (name: string): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VM_NOT_OWNED",
    message: `VM ${name} is nobody's, and freezing its disks would change it; power it off for a full clone, name one of its snapshots, or adopt it`,
  });
