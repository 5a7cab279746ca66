import { entry, type Implied, rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { type AppliedCapability, Feature, Outcome, type VMSpec } from "@virtrigaud/proto";
import { appliedDisks } from "./applied-disks.ts";
import { appliedInterfaces } from "./applied-interfaces.ts";
import { isAsAsked } from "./as-asked.ts";
import { cloudInitVolume } from "./found-disks.ts";
import { foundSpec } from "./found-spec.ts";
import type { Node } from "./inventory.ts";
import { knobValue } from "./knobs.ts";
import type { Settings } from "./settings.ts";
import type { VmConfig } from "./vm-config.ts";

export interface AppliedInput {
  /** The effective spec. */
  spec: VMSpec;
  implied: readonly Implied[];
  uid: string;
  /** The options that Proxmox VE holds, or would hold by a plan. */
  stored: VmConfig;
  node: Node;
  settings: Settings;
  /** What the root disk was made from; see Marker.image. */
  image?: string;
}

/**
 * What became of each knob, with the value that Proxmox VE holds. What it does not hold as asked is left out: a knob counts as applied when the
 * options, read back in the contract's words, say what was asked.
 */
export function appliedCapabilities(input: AppliedInput): AppliedCapability[] {
  const { spec, node, stored, image } = input;
  return [
    ...wholeVm(input),
    ...(spec.image === undefined || image === undefined
      ? []
      : [entry(Feature.IMAGE, { mechanism: "clone", observedValue: image })]),
    ...appliedDisks(input),
    ...appliedInterfaces(input),
    ...(isPlaced(spec, node)
      ? [entry(Feature.PLACEMENT, { mechanism: "node, storage, pool", observedValue: node.name })]
      : []),
    ...appliedOptions(spec, stored),
  ];
}

function wholeVm({ spec, implied, uid, stored, node, settings }: AppliedInput): AppliedCapability[] {
  const found = foundSpec(stored, { asked: spec, uid, node, settings });
  // What cloud-init was told is never read back; that it was told something is.
  if (cloudInitVolume(stored) !== undefined) found.cloudInit = spec.cloudInit;
  return rowsAskedBy(spec).flatMap((row) => {
    const { feature, cells } = row;
    const cell = cells.proxmox;
    const observedValue = knobValue(feature, stored);
    if (cell.outcome === "REFUSED" || observedValue === undefined || !isAsAsked(row, spec, found)) return [];
    const why = implied.find((one) => one.feature === feature);
    const { mechanism } = cell;
    if (why !== undefined)
      return [entry(feature, { outcome: Outcome.IMPLIED, mechanism, observedValue, reason: why.reason })];
    const reason = cell.outcome === "SUBSTITUTED" ? cell.reason : "";
    return [entry(feature, { outcome: Outcome[cell.outcome], mechanism, observedValue, reason })];
  });
}

/** Whether a placement was asked for, and led to this node. */
function isPlaced({ placement }: VMSpec, node: Node): boolean {
  if (placement === undefined || Object.values(placement).every((name) => name === "")) return false;
  return placement.host === "" || placement.host === node.name;
}

const appliedOptions = ({ extraConfig }: VMSpec, stored: VmConfig): AppliedCapability[] =>
  Object.entries(extraConfig)
    .filter(([key, value]) => Object.hasOwn(stored, key) && String(stored[key]) === value)
    .map(([subject, observedValue]) =>
      entry(Feature.EXTRA_CONFIG, { subject, mechanism: subject, observedValue }),
    );
