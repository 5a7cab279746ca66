import { rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { ChangeEffect, Feature, type KnobChange, type VMSpec } from "@virtrigaud/proto";
import { deviceChanges } from "./device-drift.ts";
import { knobValue } from "./knobs.ts";
import { type LiveAction, liveAction } from "./live-actions.ts";
import type { Element } from "./xml.ts";

/** A change of one knob, with what makes it act on a running VM where anything does. */
export interface Change extends KnobChange {
  action?: LiveAction;
}

export interface DriftInput {
  /** The effective spec. */
  spec: VMSpec;
  uid: string;
  /** The domain by plan. */
  wanted: Element;
  stored: Element;
  /** What runs; undefined when nothing does. */
  live: Element | undefined;
  /** Sizes of the disks' volumes in bytes, by path. */
  capacities: ReadonlyMap<string, number>;
}

/** Knobs whose absence from a spec takes them away. */
const removable = [
  Feature.NESTED_VIRTUALIZATION,
  Feature.VIRTUALIZATION_BASED_SECURITY,
  Feature.SECURE_BOOT,
  Feature.TPM,
  Feature.IOMMU,
  Feature.CPU_LIMIT,
  Feature.CPU_SHARES,
  Feature.MEMORY_LIMIT,
];

/** The host's speed is measured anew at each look: a bound that is off by less than this is the same. */
const quotaTolerance = 0.1;

/** How a domain differs from what is wanted, and how each difference comes to act. */
export function changes(input: DriftInput): Change[] {
  const asked = new Set(rowsAskedBy(input.spec).map(({ feature }) => feature));
  const taken = removable.filter((knob) => !asked.has(knob) && knobValue(knob, input.wanted) === undefined);
  return [...[...asked, ...taken].flatMap((knob) => knobChange(knob, input)), ...deviceChanges(input)];
}

function knobChange(feature: Feature, { wanted, stored, live }: DriftInput): Change[] {
  const want = knobValue(feature, wanted);
  const have = knobValue(feature, stored);
  const runs = live && knobValue(feature, live);
  const isStored = same(feature, want, have);
  // A live domain names more than was asked: only what is wanted and differs is a change.
  const isLive = live === undefined || want === undefined || same(feature, want, runs);
  if (isStored && isLive) return [];
  const action = live && liveAction(feature, wanted, live);
  const isAtOnce = live === undefined || isLive || action !== undefined || feature === Feature.TAGS;
  return [
    {
      feature,
      subject: "",
      effect: isAtOnce ? ChangeEffect.LIVE : ChangeEffect.RESTART_REQUIRED,
      description: `${(isStored ? runs : have) ?? "unset"} → ${want ?? "unset"}`,
      ...(action === undefined ? {} : { action }),
    },
  ];
}

function same(feature: Feature, want: string | undefined, have: string | undefined): boolean {
  if (feature !== Feature.CPU_LIMIT || want === undefined || have === undefined) return want === have;
  const [wanted, held] = [quotaOf(want), quotaOf(have)];
  return Math.abs(wanted - held) <= quotaTolerance * wanted;
}

const quotaOf = (value: string): number => Number(/global_quota=(\d+)/.exec(value)?.[1]);

/** What {@link changes} found, a line each. */
export const driftLines = (found: readonly Change[]): string[] =>
  found.map(({ feature, subject, description }) => {
    const name = feature.replace(/^FEATURE_/, "").toLowerCase();
    return `${subject === "" ? name : `${name} ${subject}`}: ${description}`;
  });

/** Knobs that a running domain takes only at its next start. */
const atStart: readonly (readonly [Feature, string])[] = [
  [Feature.CPU, "cpu"],
  [Feature.MEMORY, "memory"],
  [Feature.CPU_HOT_ADD, "cpuHotAddEnabled"],
  [Feature.MEMORY_HOT_ADD, "memoryHotAddEnabled"],
  [Feature.FIRMWARE_UEFI, "firmware"],
  [Feature.NESTED_VIRTUALIZATION, "nestedVirtualization"],
  [Feature.VIRTUALIZATION_BASED_SECURITY, "virtualizationBasedSecurity"],
  [Feature.HYPER_THREADING_POLICY, "hyperThreadingPolicy"],
  [Feature.SECURE_BOOT, "secureBoot"],
  [Feature.TPM, "tpmEnabled"],
  [Feature.IOMMU, "vtdEnabled"],
];

/** What is stored and does not run yet, a sentence each. */
export function restartReasons(stored: Element, live: Element | undefined): string[] {
  if (live === undefined) return [];
  return atStart.flatMap(([feature, knob]) => {
    const [want, runs] = [knobValue(feature, stored), knobValue(feature, live)];
    if (want === undefined || want === runs) return [];
    return [`${knob} ${want} is stored, ${runs ?? "nothing of it"} runs; power the VM off and on`];
  });
}
