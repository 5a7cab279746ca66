import { conflicts, type Implied, refusals, withImplied } from "@virtrigaud/kit/outcomes";
import { type Advice, type AppliedCapability, Disk, type VMSpec, type Violation } from "@virtrigaud/proto";
import { admit } from "./admission.ts";
import { advice } from "./advice.ts";
import { appliedCapabilities } from "./applied.ts";
import { type SeedFiles, seedFiles } from "./cloud-init.ts";
import { domain } from "./domain.ts";
import type { HostFacts } from "./host-facts.ts";
import { type BaseImage, imageSource } from "./images.ts";
import type { Marker } from "./metadata.ts";
import { seedVolumeName } from "./names.ts";
import type { Network } from "./networks.ts";
import { checkPlacement } from "./placement.ts";
import { Problems } from "./problems.ts";
import { withRefused } from "./refused.ts";
import { withFullReservations } from "./reservations.ts";
import type { Settings } from "./settings.ts";
import { chooseStorage, type Pool, type Storage } from "./storage.ts";
import { checkText } from "./text-check.ts";
import { checkLibvirtVersion } from "./versions.ts";
import { diskVolume, type Volume } from "./volumes.ts";
import { type Element, renderXml } from "./xml.ts";

/** Everything that decides how a VM is made. */
export interface PlanInput {
  marker: Marker;
  spec: VMSpec;
  host: HostFacts;
  pools: readonly Pool[];
  networks: readonly Network[];
  settings: Settings;
  /** What spec.image is here, once prepared, or where it will be; undefined without an image and where it has no source for libvirt. */
  image: BaseImage | undefined;
}

/** A cloud-init seed to make. */
export interface Seed {
  pool: string;
  name: string;
  path: string;
  files: SeedFiles;
}

/** How a VM will be made. */
export interface Plan {
  domainXml: string;
  /** In the order of the disks. */
  volumes: Volume[];
  seed: Seed | undefined;
}

export interface Planned {
  /** Undefined with violations. */
  plan: Plan | undefined;
  /** The domain as far as it could be made. */
  domain: Element;
  /** Why CreateVM fails. Empty: it will be accepted as far as can be told beforehand. */
  violations: Violation[];
  applied: AppliedCapability[];
  advice: Advice[];
}

/** Works out the domain of a new VM and what it needs, or every reason why there is none. */
export function planVm(input: PlanInput): Planned {
  const problems = new Problems();
  const { marker, host, pools, networks, settings } = input;
  const { spec, implied } = effectiveSpec(input.spec, host, problems);
  check(spec, input, problems);

  const storage = chooseStorage(spec, pools, settings, problems);
  const volumes = volumesOf(spec, storage, input, problems);
  const seed = seedOf(spec, storage, marker, problems);
  const made = domain({ marker, spec, host, networks, settings, volumes, seed: seed?.path }, problems);
  const { violations } = problems;
  const applied = appliedCapabilities({
    spec,
    implied,
    uid: marker.uid,
    stored: made,
    host,
    settings,
    volumes,
  });
  return {
    plan: violations.length > 0 ? undefined : { domainXml: renderXml(made), volumes, seed },
    domain: made,
    violations,
    applied: withRefused(applied, violations),
    advice: advice(spec, host),
  };
}

/** A spec with everything that it implies switched on. */
export function effectiveSpec(
  asked: VMSpec,
  host: HostFacts,
  problems: Problems,
): { spec: VMSpec; implied: Implied[] } {
  const knobs = withImplied(withRootDisk(asked));
  const full = withFullReservations(knobs.spec, host, problems);
  return { spec: full.spec, implied: [...knobs.implied, ...full.implied] };
}

/** An image needs a disk to be on, whether or not the spec says anything about it. */
const withRootDisk = (spec: VMSpec): VMSpec =>
  spec.image === undefined || spec.disks.length > 0
    ? spec
    : { ...spec, disks: [Disk.fromPartial({ name: "root" })] };

function check(spec: VMSpec, { host, pools, image }: PlanInput, problems: Problems): void {
  problems.violations.push(...conflicts(spec), ...refusals(spec, "libvirt"));
  checkText(spec, problems);
  checkLibvirtVersion(spec, host.libvirtVersion, problems);
  checkPlacement(spec, host.name, problems);
  admit(spec, host, problems);
  if (host.domain.arch !== "x86_64")
    problems.add(
      "spec",
      "ARCHITECTURE_UNSUPPORTED",
      `host ${host.name} is ${host.domain.arch}; use an x86_64 host`,
    );
  for (const key of Object.keys(spec.extraConfig))
    problems.add(
      "spec.extra_config",
      "EXTRA_CONFIG_UNSUPPORTED",
      `libvirt has no free settings; leave ${key} out`,
    );
  if (spec.image === undefined) return;
  const source = imageSource(spec.image, pools, problems);
  if (source !== undefined && image === undefined)
    problems.add(
      "spec.image",
      "IMAGE_NOT_PREPARED",
      `image ${spec.image.name} is not on the host yet; call PrepareImage`,
    );
}

function volumesOf(
  spec: VMSpec,
  storage: Storage,
  { marker, image }: PlanInput,
  problems: Problems,
): Volume[] {
  return spec.disks.flatMap((disk, index) => {
    const pool = storage.disks.get(disk.name);
    const base = index === 0 ? image : undefined;
    // Without its image a root disk has no size of its own to miss; that is a violation already.
    if (pool === undefined || (index === 0 && spec.image !== undefined && base === undefined)) return [];
    return diskVolume(marker.uid, disk, pool, base, problems) ?? [];
  });
}

function seedOf(spec: VMSpec, { home }: Storage, { uid }: Marker, problems: Problems): Seed | undefined {
  const files = seedFiles(uid, spec, problems);
  if (files === undefined) return undefined;
  if (home === undefined) {
    // A VM without disks has nothing else to say which pool is missing.
    if (spec.disks.length === 0)
      problems.add(
        "spec.placement.datastore",
        "PLACEMENT_UNKNOWN",
        "cloud_init needs an active file pool for its seed",
      );
    return undefined;
  }
  const name = seedVolumeName(uid);
  return { pool: home.name, name, path: `${home.path}/${name}`, files };
}
