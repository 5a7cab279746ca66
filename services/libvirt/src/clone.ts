import {
  canonicalSpec,
  type CallContext,
  failedPrecondition,
  ProviderError,
  specFingerprint,
  status,
} from "@virtrigaud/kit";
import { CloneMode, type CloneVMRequest, type VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import type { StorageVol } from "./client/index.ts";
import { cloneSource, type CloneSource, sourceOf } from "./clone-source.ts";
import { discard } from "./discard.ts";
import { attempt, isAnswered } from "./errors.ts";
import type { Host } from "./host.ts";
import { cloneDomain, type CopiedDisk, copiedDisks, cloneSpec } from "./mapping/clone.ts";
import { type SeedFiles, seedFiles } from "./mapping/cloud-init.ts";
import { type Marker, readMarker } from "./mapping/metadata.ts";
import { seedVolumeName } from "./mapping/names.ts";
import type { Seed } from "./mapping/plan.ts";
import { listNames, Problems } from "./mapping/problems.ts";
import { copyXml, overlayXml } from "./mapping/volumes.ts";
import { parseXml, renderXml } from "./mapping/xml.ts";
import type { FoundPool } from "./pools.ts";
import { uploadSeed } from "./seed/upload-seed.ts";
import { deleteVolume, volumeIn } from "./volumes.ts";

/** Copying large disks takes its time. */
const copyDeadlineMs = 6 * 60 * 60_000;
type Log = CallContext["log"];

/**
 * Copies the disks of a source, or puts new ones on top of them, and defines the clone, which makes it exist. What a failed attempt made is
 * removed; what a killed daemon left is made anew by the next, for nobody has used it yet.
 */
export async function cloneNow(
  host: Host,
  request: CloneVMRequest,
  call: Call,
  log: Log,
): Promise<undefined> {
  await requireFreeName(host, request, call);
  const found = await sourceOf(host, request, call);
  const sourceUid = readMarker(found.stored)?.uid ?? found.domain.uuid;
  await host.turns.run(sourceUid, call.signal, async () => {
    const source = await cloneSource(host, await sourceOf(host, request, call), request, call);
    try {
      await copy(host, request, source, call, log);
    } finally {
      await source.release();
    }
  });
  host.inventory.note(await host.domains.owned(request.uid, call));
  return undefined;
}

async function copy(host: Host, request: CloneVMRequest, source: CloneSource, call: Call, log: Log) {
  const made: StorageVol[] = [];
  let isDefining = false;
  try {
    const { spec, marker, disks, seed } = planClone(host, request, source, await host.pools(call));
    const files = new Map<string, string>();
    for (const { disk, pool } of disks) {
      made.push(volumeIn(pool, disk.name));
      await makeDisk(host, disk, pool, request.mode, call);
      files.set(disk.source, `${pool.path}/${disk.name}`);
    }
    if (seed !== undefined) {
      made.push(volumeIn(seed.home, seed.name));
      await uploadSeed(host, seed, call);
    }
    const xml = renderXml(cloneDomain({ ...source, spec, marker, files, seed: seed?.path }));
    isDefining = true;
    await attempt(`defining VM ${request.name}`, () =>
      host.libvirt.call("domainDefineXmlFlags", { xml }, call),
    );
  } catch (error) {
    // As in makeVm: it may be defined yet.
    if (!isDefining || isAnswered(error)) await discard(host, request.uid, made, log);
    throw error;
  }
}

/** Before gigabytes are copied; libvirt itself refuses a name that is taken meanwhile. */
async function requireFreeName(host: Host, { name, uid }: CloneVMRequest, call: Call): Promise<void> {
  const held = await host.domains.byName(name, call);
  if (held === undefined || held.uuid === uid) return;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "NAME_TAKEN",
    message: `the name ${name} is taken by domain ${held.uuid}; choose another name`,
  });
}

interface ClonePlan {
  spec: VMSpec;
  marker: Marker;
  disks: { disk: CopiedDisk; pool: FoundPool }[];
  seed: (Seed & { home: FoundPool }) | undefined;
}

function planClone(
  { settings }: Host,
  request: CloneVMRequest,
  { source, sourceUid, sourceSpec }: CloneSource,
  pools: readonly FoundPool[],
): ClonePlan {
  const { uid, controllerId, placement } = request;
  const problems = new Problems();
  const spec = cloneSpec(sourceSpec, request);
  const wished = placement?.datastore ?? "";
  const disks = copiedDisks(source, sourceUid, uid).flatMap((disk) => {
    const pool = pools.find(({ active, name, path }) =>
      wished === "" ? active && disk.source.startsWith(`${path}/`) : active && name === wished,
    );
    return pool === undefined ? noPool(disk, wished, pools, problems) : [{ disk, pool }];
  });
  const home = disks[0]?.pool ?? pools.find(({ name }) => name === (settings.defaultPool ?? "default"));
  const files = seedFiles(uid, spec, problems);
  const seed = files && home && seedIn(home, uid, files);
  if (problems.violations.length > 0) throw failedPrecondition(problems.violations);
  const marker: Marker = {
    uid,
    controllerId,
    specFingerprint: specFingerprint(spec),
    canonicalSpec: canonicalSpec(spec),
  };
  return { spec, marker, disks, seed };
}

const seedIn = (home: FoundPool, uid: string, files: SeedFiles) => {
  const name = seedVolumeName(uid);
  return { home, pool: home.name, name, path: `${home.path}/${name}`, files };
};

function noPool(
  { disk, source }: CopiedDisk,
  wished: string,
  pools: readonly FoundPool[],
  problems: Problems,
): [] {
  const known = listNames(pools.filter(({ active }) => active).map(({ name }) => name));
  const text =
    wished === ""
      ? `disk ${disk} of the source (${source}) is in no active pool; name one in placement.datastore (there are: ${known})`
      : `no active pool ${wished}; there are: ${known}`;
  problems.add("placement.datastore", "PLACEMENT_UNKNOWN", text);
  return [];
}

async function makeDisk(
  { libvirt }: Host,
  { source: path, name }: CopiedDisk,
  pool: FoundPool,
  mode: CloneMode,
  call: Call,
): Promise<void> {
  const isLinked = mode === CloneMode.LINKED;
  await deleteVolume(libvirt, volumeIn(pool, name), call);
  await attempt(
    `${isLinked ? "putting" : "copying"} disk ${path} ${isLinked ? "below" : "to"} ${name}`,
    async () => {
      const { vol: source } = await libvirt.call("storageVolLookupByPath", { path }, call);
      const held = parseXml((await libvirt.call("storageVolGetXmlDesc", { vol: source }, call)).xml);
      if (isLinked)
        await libvirt.call(
          "storageVolCreateXml",
          { pool: pool.handle, xml: overlayXml(name, path, held) },
          call,
        );
      else
        await libvirt.call(
          "storageVolCreateXmlFrom",
          { pool: pool.handle, xml: copyXml(name, held), source },
          { ...call, deadlineMs: copyDeadlineMs },
        );
    },
  );
}
