import { conflicts, type Implied, refusals, withImplied } from "@virtrigaud/kit/outcomes";
import { type Advice, type AppliedCapability, Disk, type VMSpec, type Violation } from "@virtrigaud/proto";
import { advice } from "./advice.ts";
import { appliedCapabilities } from "./applied.ts";
import type { Clone } from "./clone.ts";
import type { Seed } from "./cloud-init.ts";
import { findTemplate, imageText } from "./image.ts";
import type { Inventory, Template } from "./inventory.ts";
import { type NodePlan, planOn } from "./node-plan.ts";
import type { Marker } from "./ownership.ts";
import { bestAttempt, candidates, combined } from "./placement.ts";
import { Problems } from "./problems.ts";
import { withRefused } from "./refused.ts";
import type { Settings } from "./settings.ts";
import type { Parameters, VmConfig } from "./vm-config.ts";

/** Everything that decides how a VM is made. */
export interface PlanInput {
  marker: Marker;
  spec: VMSpec;
  inventory: Inventory;
  settings: Settings;
  /** The template that findTemplate finds for spec.image, with its options; undefined for a blank VM and where there is none. */
  template: Template | undefined;
}

/** How a VM will be made. */
export interface Plan {
  node: string;
  /** An ISO image to upload to the node's storage first; it may hold secrets. */
  seed: Seed | undefined;
  /** POST /nodes/{node}/qemu, without `vmid`; undefined for a clone. */
  create: Parameters | undefined;
  /** Undefined for a blank VM. */
  clone: Clone | undefined;
}

export interface Planned {
  /** Undefined with violations. */
  plan: Plan | undefined;
  /** The VM's options as they would be stored, as far as they could be worked out. */
  config: VmConfig;
  /** Why CreateVM fails. Empty: it will be accepted as far as can be told beforehand. */
  violations: Violation[];
  applied: AppliedCapability[];
  advice: Advice[];
}

/** Works out a new VM's options and the node that it goes to, or every reason why there is none: a plan is made for each node. */
export function planVm(input: PlanInput): Planned {
  const { inventory, settings, template } = input;
  const problems = new Problems();
  const { spec, implied } = effectiveSpec(input.spec);
  problems.violations.push(...conflicts(spec), ...refusals(spec, "proxmox"));
  if (spec.image !== undefined && template === undefined)
    findTemplate(spec.image, inventory.templates, problems);
  const attempts = candidates(spec, inventory, settings, problems).map((node) => planOn(node, spec, input));
  const best = problems.violations.length === 0 ? bestAttempt(attempts, spec, settings) : undefined;
  const violations = best === undefined ? [...problems.violations, ...combined(attempts)] : [];
  const shown = best ?? attempts[0];
  const applied = shown === undefined ? [] : appliedOn(shown, spec, implied, input);
  return {
    plan: best?.plan,
    config: shown?.config ?? {},
    violations,
    applied: withRefused(applied, violations),
    advice: advice(spec, shown?.node, settings),
  };
}

function appliedOn(
  { node, config }: NodePlan,
  spec: VMSpec,
  implied: Implied[],
  { marker, settings, template }: PlanInput,
): AppliedCapability[] {
  const image = template === undefined ? {} : { image: imageText(template) };
  return appliedCapabilities({ spec, implied, uid: marker.uid, stored: config, node, settings, ...image });
}

/** A spec with everything that it implies switched on. */
export const effectiveSpec = (asked: VMSpec): { spec: VMSpec; implied: Implied[] } =>
  withImplied(withRootDisk(asked));

/** An image needs a disk to be on, whether or not the spec says anything about it. */
const withRootDisk = (spec: VMSpec): VMSpec =>
  spec.image === undefined || spec.disks.length > 0
    ? spec
    : { ...spec, disks: [Disk.fromPartial({ name: "root" })] };
