import {
  type Advice,
  type AppliedCapability,
  Disk,
  Feature,
  Firmware,
  NestedPolicy,
  Outcome,
  type VMSpec,
} from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { imageSource, importedBytes } from "./image-source.ts";
import { policyOf, withImplied } from "./implied.ts";
import { knobKey, knobs } from "./knobs.ts";
import { eligibleHosts, type Refusal, refusals } from "./refusals.ts";

/** What becomes of a spec on this hypervisor. */
export interface Plan {
  /** The configuration as it would be stored. */
  readonly config: VMSpec;
  /** What would become of each knob, REFUSED ones included. */
  readonly applied: readonly AppliedCapability[];
  /** Every reason why it cannot be made. Empty: it can. */
  readonly refusals: readonly Refusal[];
  readonly advice: readonly Advice[];
  /** The host that would be chosen; empty when none is eligible. */
  readonly host: string;
}

const GiB = 1024 ** 3;

/** Plans a spec that is right on its own. Pure: nothing is changed. */
export function plan(context: Context, asked: VMSpec): Plan {
  const { spec, reasons } = withImplied(asked);
  const config = fromImage(context, { ...spec });
  const refused = refusals(context, asked, spec);
  return {
    config,
    applied: applied(asked, spec, reasons, refused),
    refusals: refused,
    advice: policyOf(spec) === NestedPolicy.REQUIRED ? nestingAdvice(spec) : [],
    host: eligibleHosts(context, spec)[0]?.name ?? "",
  };
}

/** What the image brings where the spec is silent: firmware, a root disk, its least size. */
function fromImage({ hypervisor }: Context, spec: VMSpec): VMSpec {
  if (!spec.image) return spec;
  const source = imageSource(hypervisor, spec.image);
  const template = source.kind === "template" ? source.template : undefined;
  const least = template?.diskBytes ?? importedBytes;
  const [root = Disk.fromPartial({ name: "root" }), ...others] = spec.disks;
  return {
    ...spec,
    firmware: spec.firmware === Firmware.UNSPECIFIED && template ? template.firmware : spec.firmware,
    disks: [{ ...root, sizeBytes: Math.max(root.sizeBytes ?? 0, least) }, ...others],
  };
}

function applied(
  asked: VMSpec,
  spec: VMSpec,
  reasons: ReadonlyMap<Feature, string>,
  refused: readonly Refusal[],
): AppliedCapability[] {
  const refusal = new Map(refused.map((item) => [knobKey(item), item.description]));
  const askedFor = new Set(knobs(asked).map(knobKey));
  return knobs(spec).map((knob) => {
    const { feature, subject, field, value } = knob;
    const mechanism = `config.${field}`;
    const why = refusal.get(knobKey(knob));
    if (why !== undefined) {
      return { feature, subject, mechanism, outcome: Outcome.REFUSED, observedValue: "", reason: why };
    }
    const implied = askedFor.has(knobKey(knob)) ? undefined : reasons.get(feature);
    const outcome = implied === undefined ? Outcome.APPLIED : Outcome.IMPLIED;
    return { feature, subject, mechanism, outcome, observedValue: value, reason: implied ?? "" };
  });
}

function nestingAdvice(spec: VMSpec): Advice[] {
  const list: Advice[] = [];
  if (spec.cpus < 4) {
    list.push({ feature: Feature.CPU, message: "a VM that hosts VMs is cramped below 4 CPUs" });
  }
  if (spec.memoryBytes < 8 * GiB) {
    list.push({ feature: Feature.MEMORY, message: "a VM that hosts VMs is cramped below 8 GiB" });
  }
  if (spec.firmware === Firmware.BIOS) {
    list.push({ feature: Feature.FIRMWARE_BIOS, message: "prefer UEFI for a VM that hosts VMs" });
  }
  return list;
}
