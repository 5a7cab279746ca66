import { Disk, DiskProvisioning, type VMSpec } from "@virtrigaud/proto";
import type { DiskVolume } from "./applied-disks.ts";
import { type Change, changes } from "./drift.ts";
import type { FoundDomain } from "./found-domain.ts";
import { diskDevices, diskName, fileOf } from "./found-disks.ts";
import { requestedSpec, readMarker } from "./metadata.ts";
import { effectiveSpec, planVm, type PlanInput } from "./plan.ts";
import { Problems } from "./problems.ts";
import { redefined } from "./redefine.ts";
import { poolOfClass } from "./storage.ts";
import type { Volume } from "./volumes.ts";
import type { Violation } from "@virtrigaud/proto";
import { type Element, first } from "./xml.ts";

/** How a domain that exists comes to be what a spec asks for. */
export interface ExistingPlan {
  /** The definition to store, with everything that an existing domain keeps. */
  definition: Element;
  /** Volumes to make for disks that are new. */
  volumes: Volume[];
  changes: Change[];
  /** Why it cannot be done. */
  violations: Violation[];
  /** Those that are the request's own fault, whatever the host. */
  invalid: Violation[];
}

/** Works out what differs between a domain of ours and what is asked of it. Its image is not looked at, and what it has stays where it is. */
export function planExisting(input: Omit<PlanInput, "image">, found: FoundDomain): ExistingPlan {
  const { marker, settings } = input;
  const held = heldDisks(found, marker.uid);
  const asked = withRootOf(input.spec, held);
  const problems = new Problems();
  const invalid = new Problems();
  for (const disk of asked.disks) {
    const volume = held.get(disk.name);
    if (volume === undefined) continue;
    if (shrinks(disk, volume, requestedSpec(readMarker(found.stored))))
      invalid.add(
        `spec.disks[${disk.name}].size_bytes`,
        "DISK_SHRINK",
        `disk ${disk.name} has ${volume.capacityBytes} bytes and cannot shrink to ${disk.sizeBytes}`,
      );
    if (disk.storageClass !== "" && poolOfClass(disk.storageClass, settings) !== volume.pool)
      problems.add(
        `spec.disks[${disk.name}].storage_class`,
        "DISK_MOVE_UNSUPPORTED",
        `disk ${disk.name} is in pool ${volume.pool} and is not moved; keep its storage class, or add a disk of the other class`,
      );
  }
  if (asked.name !== first(found.stored, "name")?.text)
    problems.add("spec.name", "NAME_IMMUTABLE", "a VM keeps its name; clone it to have another");

  const planned = planVm({ ...input, spec: keepingDisks(asked, held), image: undefined });
  const definition = redefined(planned.domain, found.stored);
  const capacities = new Map(found.volumes.map(({ path, capacityBytes = 0 }) => [path, capacityBytes]));
  const { spec } = effectiveSpec(asked, input.host, new Problems());
  return {
    definition,
    volumes: (planned.plan?.volumes ?? []).filter(({ disk }) => !held.has(disk)),
    changes: changes({
      spec,
      uid: marker.uid,
      wanted: definition,
      stored: found.stored,
      live: found.live,
      capacities,
    }),
    violations: [...problems.violations, ...planned.violations],
    invalid: invalid.violations,
  };
}

/** The volumes of a domain's disks by the disks' names. */
function heldDisks({ stored, volumes }: FoundDomain, uid: string): ReadonlyMap<string, DiskVolume> {
  const held = diskDevices(stored).map((device) => {
    const path = fileOf(device);
    const unknown: DiskVolume = { path, pool: "" };
    return [diskName(device, uid), volumes.find((one) => one.path === path) ?? unknown] as const;
  });
  return new Map(held);
}

/** A VM from an image has a root disk, whether or not the spec says anything about it. */
const withRootOf = (spec: VMSpec, held: ReadonlyMap<string, DiskVolume>): VMSpec =>
  spec.disks.length === 0 && spec.image !== undefined && held.has("root")
    ? { ...spec, disks: [Disk.fromPartial({ name: "root" })] }
    : spec;

/** The asked size of a root disk is the least, so only less than was asked before, or than a blank disk has, is a wish to shrink. */
function shrinks(
  { name, sizeBytes }: Disk,
  { capacityBytes, backing }: DiskVolume,
  before: VMSpec | undefined,
): boolean {
  if (sizeBytes === undefined || capacityBytes === undefined || sizeBytes >= capacityBytes) return false;
  const last = before?.disks.find((disk) => disk.name === name)?.sizeBytes;
  return backing === undefined || (last !== undefined && sizeBytes < last);
}

/** The spec as a plan for new volumes can take it: a disk that exists has its size, its pool and its space already. */
const keepingDisks = (spec: VMSpec, held: ReadonlyMap<string, DiskVolume>): VMSpec => ({
  ...spec,
  image: undefined,
  disks: spec.disks.map((disk) => {
    const volume = held.get(disk.name);
    if (volume === undefined) return disk;
    const sizeBytes = Math.max(disk.sizeBytes ?? 0, volume.capacityBytes ?? 0) || disk.sizeBytes;
    return { ...disk, sizeBytes, provisioning: DiskProvisioning.UNSPECIFIED, storageClass: volume.pool };
  }),
});
