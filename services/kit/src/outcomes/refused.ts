import { type AppliedCapability, type Feature, Outcome, type Violation } from "@virtrigaud/proto";
import { entry } from "./applied-entry.ts";
import { outcomeTable } from "./table.ts";

/** Which knobs a provider's violations are about, beyond those of the outcome table. */
export interface RefusableFields {
  /** By list (disks, network_interfaces) and field of a member; "" is the member as a whole. */
  readonly members: Readonly<Record<string, Readonly<Record<string, Feature>>>>;
  /** By field of the spec. */
  readonly spec: Readonly<Record<string, Feature>>;
}

type Knob = Pick<AppliedCapability, "feature" | "subject">;

/** The list with each knob that a violation is about as REFUSED, once, in place of what would have become of it. */
export function withRefused(
  applied: readonly AppliedCapability[],
  violations: readonly Violation[],
  fields: RefusableFields,
): AppliedCapability[] {
  const refused = new Map<string, AppliedCapability>();
  for (const { field, description } of violations) {
    const knob = knobOf(field, fields);
    if (knob === undefined || refused.has(keyOf(knob))) continue;
    refused.set(keyOf(knob), entry(knob.feature, { ...knob, outcome: Outcome.REFUSED, reason: description }));
  }
  return [...applied.filter((one) => !refused.has(keyOf(one))), ...refused.values()];
}

const keyOf = ({ feature, subject }: Knob): string => `${feature} ${subject}`;

function knobOf(field: string, { members, spec }: RefusableFields): Knob | undefined {
  const row = outcomeTable.find((one) => one.field === field);
  if (row !== undefined) return { feature: row.feature, subject: "" };
  const [, list = "", subject = "", member = ""] =
    /^spec\.(disks|network_interfaces)\[(.*)\](?:\.([\w.]+))?$/.exec(field) ?? [];
  const [, top = ""] = /^spec\.(\w+)/.exec(field) ?? [];
  const feature = members[list]?.[member] ?? spec[top];
  return feature && { feature, subject };
}
