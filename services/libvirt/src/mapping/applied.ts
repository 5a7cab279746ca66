import { type Implied, rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { type AppliedCapability, Feature, Outcome, type VMSpec } from "@virtrigaud/proto";
import { appliedDisks, type DiskVolume } from "./applied-disks.ts";
import { entry } from "@virtrigaud/kit/outcomes";
import { appliedInterfaces } from "./applied-interfaces.ts";
import type { HostFacts } from "./host-facts.ts";
import { knobValue } from "./knobs.ts";
import type { Settings } from "./settings.ts";
import type { Element } from "./xml.ts";

export interface AppliedInput {
  /** The effective spec. */
  spec: VMSpec;
  implied: readonly Implied[];
  uid: string;
  /** The domain that libvirt holds, or would hold by a plan. */
  stored: Element;
  /** The domain that it should hold; absent where that is `stored` itself. */
  wanted?: Element;
  host: HostFacts;
  settings: Settings;
  /** What is known of the disks' volumes. */
  volumes: readonly DiskVolume[];
}

/** What became of each knob, with the value that libvirt holds. What it does not hold as asked is left out. */
export function appliedCapabilities(input: AppliedInput): AppliedCapability[] {
  const { spec, host } = input;
  return [
    ...wholeVm(input),
    ...appliedDisks(input),
    ...appliedInterfaces(input),
    ...(namesPlace(spec)
      ? [entry(Feature.PLACEMENT, { mechanism: "host, storage pool", observedValue: host.name })]
      : []),
  ];
}

function wholeVm({ spec, implied, stored, wanted }: AppliedInput): AppliedCapability[] {
  return rowsAskedBy(spec).flatMap(({ feature, cells }) => {
    const cell = cells.libvirt;
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

const namesPlace = ({ placement }: VMSpec): boolean =>
  placement !== undefined && Object.values(placement).some((name) => name !== "");
