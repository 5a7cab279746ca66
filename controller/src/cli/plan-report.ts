import { type AppliedCapability, Outcome, type PlanVMResponse } from "@virtrigaud/proto";
import { featureName } from "../conditions/feature-name.ts";
import type { Obstacle } from "../obstacle.ts";
import { type Ref, refKey } from "../store/store.ts";
import { tableLines } from "./table.ts";

/** What would become of one VM. */
export interface PlannedVm {
  readonly vm: Ref;
  /** "namespace/name" of its Provider. */
  readonly provider: string;
  readonly type: string | undefined;
  readonly simulated: boolean | undefined;
  /** What stands in for the hypervisor; undefined: it is the one that the Provider names. */
  readonly standIn: string | undefined;
  /** Why nobody could be asked. */
  readonly refusals: readonly Pick<Obstacle, "reason" | "message">[];
  /** The provider's answer; undefined when it could not be asked. */
  readonly plan: PlanVMResponse | undefined;
  /** Name of the image that the provider has to prepare before; undefined: none, or it has it. */
  readonly prepares: string | undefined;
}

const OUTCOMES: Partial<Record<Outcome, string>> = {
  [Outcome.APPLIED]: "applied",
  [Outcome.IMPLIED]: "implied",
  [Outcome.SUBSTITUTED]: "substituted",
  [Outcome.REFUSED]: "REFUSED",
};

/** Whether the VM would be made. */
export function isAccepted({ refusals, plan }: PlannedVm): boolean {
  return refusals.length === 0 && plan?.violations.length === 0;
}

/** For people: every knob with what becomes of it, what is wrong or inadvisable, and the configuration as it would be sent. */
export function planText(planned: readonly PlannedVm[]): string {
  return planned.map((one) => vmLines(one).join("\n")).join("\n\n");
}

/** The same for programs. */
export function planJson(planned: readonly PlannedVm[]): string {
  const report = planned.map((one) => ({
    ...one.vm,
    provider: one.provider,
    type: one.type ?? null,
    simulated: one.simulated ?? null,
    accepted: isAccepted(one),
    refusals: one.refusals.map(({ reason, message }) => ({ reason, message })),
    prepares: one.prepares ?? null,
    plan: one.plan ?? null,
  }));
  return JSON.stringify(report, null, 2);
}

function vmLines(one: PlannedVm): string[] {
  const { vm, provider, type = "unknown type", simulated, standIn, refusals, plan, prepares } = one;
  const place = standIn ?? (simulated === true ? "simulated" : undefined);
  const kind = place === undefined ? "" : `, ${place}`;
  const verdict = isAccepted(one) ? "would be made" : "would NOT be made";
  return [
    `VirtualMachine ${refKey(vm)} on Provider ${provider} (${type}${kind}): ${verdict}`,
    ...refusals.map(({ reason, message }) => `  ${reason}: ${message}`),
    ...(prepares === undefined
      ? []
      : [`  first: image ${prepares} is prepared; what depends on it is not in this plan`]),
    ...(plan === undefined ? [] : planLines(plan)),
  ];
}

function planLines(plan: PlanVMResponse): string[] {
  const { host, appliedCapabilities, violations, advice, drift, nativeFormat, nativeConfiguration } = plan;
  return [
    ...(host === "" ? [] : [`  host: ${host}`]),
    ...section(
      "knobs",
      tableLines(["KNOB", "OUTCOME", "MECHANISM", "VALUE", "REASON"], appliedCapabilities.map(knobRow)),
    ),
    ...section(
      "violations",
      violations.map(({ field, reason, description }) => `${field}: ${reason}: ${description}`),
    ),
    ...section(
      "advice",
      advice.map(({ feature, message }) => `${featureName(feature)}: ${message}`),
    ),
    ...section("differs from the VM as it is", drift),
    ...section(nativeFormat, nativeConfiguration === "" ? [] : nativeConfiguration.trimEnd().split("\n")),
  ];
}

function knobRow({
  feature,
  outcome,
  mechanism,
  observedValue,
  reason,
  subject,
}: AppliedCapability): string[] {
  const knob = subject === "" ? featureName(feature) : `${featureName(feature)} (${subject})`;
  // A refusal's reason is as long as its remedy, and stands among the violations.
  const why = outcome === Outcome.REFUSED ? "see violations" : reason;
  return [knob, OUTCOMES[outcome] ?? outcome, mechanism, observedValue, why];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `  ${title}:`, ...lines.map((line) => `    ${line}`)];
}
