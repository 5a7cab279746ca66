import { type Implied, rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { type AppliedCapability, Feature, Outcome, type Placement, type VMSpec } from "@virtrigaud/proto";
import { appliedDisks } from "./applied-disks.ts";
import { entry } from "@virtrigaud/kit/outcomes";
import { appliedNics } from "./applied-nics.ts";
import { readImage } from "./image-stamp.ts";
import { type KnobSource, knobValue } from "./knobs.ts";
import { optionMap } from "./ownership.ts";
import type { Settings } from "./settings.ts";

export interface AppliedInput {
  /** The effective spec. */
  spec: VMSpec;
  implied: readonly Implied[];
  /** What vCenter holds, or would hold by a plan. */
  stored: KnobSource;
  /** What vCenter should hold; absent where that is `stored` itself. */
  wanted?: KnobSource;
  /** Name of the VM's host; "" when vCenter chooses it. */
  host: string;
  settings: Settings;
}

/**
 * What became of each knob, with the value that vCenter holds. A knob that it holds nothing about, or not as asked, is left out: nothing is
 * reported as applied that was not read.
 */
export function appliedCapabilities(input: AppliedInput): AppliedCapability[] {
  const { spec, stored, host, settings } = input;
  return [
    ...wholeVm(input),
    ...appliedDisks(spec, stored, settings),
    ...appliedNics(spec, stored),
    ...appliedImage(spec, stored),
    ...(namesPlace(spec.placement)
      ? [entry(Feature.PLACEMENT, { mechanism: "VirtualMachine.runtime.host", observedValue: host })]
      : []),
    ...appliedOptions(spec, stored),
  ];
}

function wholeVm({ spec, implied, stored, wanted }: AppliedInput): AppliedCapability[] {
  return rowsAskedBy(spec).flatMap(({ feature, cells }) => {
    const cell = cells.vsphere;
    const observedValue = knobValue(feature, stored);
    const asked = wanted && knobValue(feature, wanted);
    if (cell.outcome === "REFUSED" || observedValue === undefined) return [];
    if (asked !== undefined && asked !== observedValue) return [];
    const why = implied.find((one) => one.feature === feature);
    const { mechanism } = cell;
    if (why !== undefined)
      return [entry(feature, { outcome: Outcome.IMPLIED, mechanism, observedValue, reason: why.reason })];
    const reason = cell.outcome === "SUBSTITUTED" ? cell.reason : "";
    return [entry(feature, { outcome: Outcome[cell.outcome], mechanism, observedValue, reason })];
  });
}

function appliedImage(spec: VMSpec, { extraConfig = [] }: KnobSource): AppliedCapability[] {
  const observedValue = readImage(extraConfig);
  if (spec.image === undefined || observedValue === undefined) return [];
  return [entry(Feature.IMAGE, { mechanism: "CloneVM_Task", observedValue })];
}

function appliedOptions(spec: VMSpec, { extraConfig = [] }: KnobSource): AppliedCapability[] {
  const held = optionMap(extraConfig);
  return Object.entries(spec.extraConfig)
    .filter(([key, value]) => (held.get(key) ?? "") === value)
    .map(([subject, observedValue]) =>
      entry(Feature.EXTRA_CONFIG, { subject, mechanism: "config.extraConfig", observedValue }),
    );
}

const namesPlace = (placement: Placement | undefined): boolean =>
  placement !== undefined && Object.values(placement).some((name) => name !== "");
