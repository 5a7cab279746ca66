import { rowsAskedBy } from "@virtrigaud/kit/outcomes";
import { ChangeEffect, Feature, type KnobChange, type VMSpec } from "@virtrigaud/proto";
import { isSameOption } from "./canonical.ts";
import type { FoundConfig } from "./found-config.ts";
import { actsAtOnce } from "./hot-plug.ts";
import { optionsOf, removable } from "./knob-options.ts";
import { knobValue } from "./knobs.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** A change of one knob, and what to send for it. */
export interface Change extends KnobChange {
  /** Options to set. */
  set: Parameters;
  /** Options to remove; a drive's volume stays as an unused one. */
  remove: readonly string[];
  /** A disk to grow, which no option does. */
  resize?: { disk: string; size: string };
}

export interface DriftInput {
  /** The effective spec. */
  spec: VMSpec;
  /** The effective spec that was asked before, if any: what it asked for and this one does not is taken away. */
  before: VMSpec | undefined;
  /** Options that the VM shall have, beside those that it may keep. */
  wanted: Parameters;
  found: FoundConfig;
  isRunning: boolean;
}

/** How the knobs of a VM as a whole differ from what is wanted, and how each difference comes to act. */
export function knobChanges(input: DriftInput): Change[] {
  const { wanted, found } = input;
  const removed = removedOptions(input);
  const differing = [...new Set([...Object.keys(wanted), ...removed])].filter(
    (option) =>
      isWaiting(option, input) ||
      !isSameOption(option, optionOf(wanted, option), optionOf(found.next, option)),
  );
  const after: VmConfig = { ...without(found.next, removed), ...wanted };
  const knobs = knobsOf(input);
  const speaks = (feature: Feature) => knobValue(feature, found.next) !== knobValue(feature, after);
  const claimed = new Set<string>();
  const claim = (feature: Feature): Change[] => {
    const own = differing.filter((option) => !claimed.has(option) && optionsOf[feature]?.includes(option));
    for (const option of own) claimed.add(option);
    return own.length === 0 ? [] : [change(feature, own, after, input)];
  };
  // An option of two knobs belongs to the one that it changes; one of none was asked for by its own name.
  const spoken = [
    ...knobs.filter(speaks).flatMap(claim),
    ...knobs.filter((knob) => !speaks(knob)).flatMap(claim),
  ];
  const others = differing.filter((option) => !claimed.has(option));
  return [...spoken, ...others.map((option) => change(Feature.EXTRA_CONFIG, [option], after, input, option))];
}

/** What is asked now, then what was before; SR-IOV has no row in the outcome table. */
function knobsOf({ spec, before }: DriftInput): Feature[] {
  const rows = [...rowsAskedBy(spec), ...(before === undefined ? [] : rowsAskedBy(before))];
  return [...new Set(rows.map(({ feature }) => feature)), Feature.SRIOV, Feature.TAGS];
}

function removedOptions({ spec, before, wanted, found }: DriftInput): string[] {
  const asked = new Set(rowsAskedBy(spec).map(({ feature }) => feature));
  const gone = (before === undefined ? [] : rowsAskedBy(before)).filter(({ feature }) => !asked.has(feature));
  const named = Object.keys(before?.extraConfig ?? {});
  const options = [...named, ...gone.flatMap(({ feature }) => removable[feature] ?? [])];
  return [...new Set(options)].filter(
    (option) => Object.hasOwn(found.next, option) && !Object.hasOwn(wanted, option),
  );
}

/** Whether an option is stored as it shall be and does not run yet. */
const isWaiting = (option: string, { found, isRunning }: DriftInput): boolean =>
  isRunning && !isSameOption(option, optionOf(found.current, option), optionOf(found.next, option));

const without = (config: VmConfig, options: readonly string[]): VmConfig =>
  Object.fromEntries(Object.entries(config).filter(([option]) => !options.includes(option)));

function change(
  feature: Feature,
  own: readonly string[],
  after: VmConfig,
  { found, isRunning, wanted }: DriftInput,
  subject = "",
): Change {
  const isStored = (option: string) =>
    isSameOption(option, optionOf(after, option), optionOf(found.next, option));
  const due = own.filter((option) => !isStored(option));
  const isAtOnce = own.every(
    (option) => !isRunning || actsAtOnce(option, optionOf(after, option), found.current),
  );
  return {
    feature,
    subject,
    effect: isAtOnce ? ChangeEffect.LIVE : ChangeEffect.RESTART_REQUIRED,
    description: described({ feature, own, subject }, due.length === 0 ? found.current : found.next, after),
    set: Object.fromEntries(Object.entries(wanted).filter(([option]) => due.includes(option))),
    remove: due.filter((option) => !Object.hasOwn(after, option)),
  };
}

/** By the knob's own value, else option by option. */
function described(
  { feature, own, subject }: { feature: Feature; own: readonly string[]; subject: string },
  before: VmConfig,
  after: VmConfig,
): string {
  const [had, has] = [knobValue(feature, before), knobValue(feature, after)];
  if (had !== has) return `${had ?? "unset"} → ${has ?? "unset"}`;
  const options = own.map((option) => {
    const values = `${optionOf(before, option) ?? "unset"} → ${optionOf(after, option) ?? "unset"}`;
    return option === subject ? values : `${option} ${values}`;
  });
  return options.join(", ");
}

/** What changes come to, a line each. */
export const driftLines = (found: readonly KnobChange[]): string[] =>
  found.map(({ feature, subject, description }) => {
    const name = feature.replace(/^FEATURE_/, "").toLowerCase();
    return `${subject === "" ? name : `${name} ${subject}`}: ${description}`;
  });
