import { ChangeEffect, type Feature, type VMSpec } from "@virtrigaud/proto";
import type { Change } from "./drift.ts";
import type { FoundConfig } from "./found-config.ts";
import { actsAtOnce } from "./hot-plug.ts";
import type { Node } from "./inventory.ts";
import type { Settings } from "./settings.ts";
import { optionOf, type Parameters } from "./vm-config.ts";

/** What the devices of a VM are compared by. */
export interface DeviceInput {
  /** The effective spec. */
  spec: VMSpec;
  /** The effective spec that was asked before, if any. */
  before: VMSpec | undefined;
  uid: string;
  node: Node;
  settings: Settings;
  found: FoundConfig;
  isRunning: boolean;
}

/** A change of one device, by the options that it takes. */
export function deviceChange(
  knob: { feature: Feature; subject: string; description: string },
  { found, isRunning }: Pick<DeviceInput, "found" | "isRunning">,
  set: Parameters,
  remove: readonly string[] = [],
): Change {
  const isAtOnce = [...Object.keys(set), ...remove].every(
    (option) => !isRunning || actsAtOnce(option, optionOf(set, option), found.current),
  );
  return { ...knob, effect: isAtOnce ? ChangeEffect.LIVE : ChangeEffect.RESTART_REQUIRED, set, remove };
}
