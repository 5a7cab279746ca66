import { ChangeEffect, Feature, type VMSpec } from "@virtrigaud/proto";
import type { Machine } from "../hypervisor/machine.ts";
import { differences, type KnobDifference } from "./knobs.ts";

/** Knobs that always act on a running machine. */
const alwaysLive: ReadonlySet<Feature> = new Set([
  Feature.DISK_SIZE,
  Feature.NETWORK_INTERFACE,
  Feature.TAGS,
  Feature.EXTRA_CONFIG,
  Feature.CPU_RESERVATION,
  Feature.CPU_LIMIT,
  Feature.CPU_SHARES,
  Feature.MEMORY_RESERVATION,
  Feature.MEMORY_LIMIT,
]);

/** How a change acts on a machine that runs with the configuration given; undefined: it is off, so everything acts at once. */
export function changeEffect(running: VMSpec | undefined, change: KnobDifference): ChangeEffect {
  if (!running || alwaysLive.has(change.feature)) return ChangeEffect.LIVE;
  const hotAdd = change.feature === Feature.CPU ? running.cpuHotAdd : running.memoryHotAdd;
  const growable = change.feature === Feature.CPU || change.feature === Feature.MEMORY;
  const grows = Number(change.after) > Number(change.before);
  return growable && hotAdd && grows ? ChangeEffect.LIVE : ChangeEffect.RESTART_REQUIRED;
}

/** A change for people. */
export function describeChange({ before, after }: KnobDifference): string {
  return `${before ?? "unset"} → ${after ?? "unset"}`;
}

/** What is stored on a running machine but acts only after it was powered off and on, one sentence each. */
export function restartReasons({ running, config }: Machine): string[] {
  if (!running || running === config) return [];
  return differences(running, config)
    .filter((change) => changeEffect(running, change) === ChangeEffect.RESTART_REQUIRED)
    .map((change) => {
      const subject = change.subject && ` of ${change.subject}`;
      return `${change.feature}${subject}: ${describeChange(change)}`;
    });
}
