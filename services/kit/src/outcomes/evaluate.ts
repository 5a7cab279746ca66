import { Feature, Firmware, NestedPolicy, type VMSpec, type Violation } from "@virtrigaud/proto";
import { nestedPolicy, uefiNeededBy } from "./implied.ts";
import type { Backend, Cell, OutcomeRow } from "./row.ts";
import { outcomeTable } from "./table.ts";

/** The rows that a spec asks for, in the table's order. Takes the effective spec where implied knobs count as asked. */
export const rowsAskedBy = (spec: VMSpec): OutcomeRow[] => outcomeTable.filter((row) => row.asks(spec));

/** What becomes of one feature as this spec asks for it; undefined when the spec does not ask or the table has no row. */
export function cellFor(spec: VMSpec, feature: Feature, backend: Backend): Cell | undefined {
  return rowsAskedBy(spec).find((row) => row.feature === feature)?.cells[backend];
}

/** Everything that the hypervisor cannot give by the table, one violation each. */
export function refusals(spec: VMSpec, backend: Backend): Violation[] {
  return rowsAskedBy(spec).flatMap((row) => {
    const cell = row.cells[backend];
    if (cell.outcome !== "REFUSED") return [];
    return [{ field: row.field, reason: cell.reason, description: `${row.manifest}: ${cell.remedy}` }];
  });
}

/** Knobs that contradict each other on every hypervisor, one violation each. */
export function conflicts(spec: VMSpec): Violation[] {
  const found: Violation[] = [];
  const conflict = (field: string, description: string) =>
    found.push({ field, reason: "CONFLICTING_OPTIONS", description });

  if (spec.virtualizationBasedSecurity && nestedPolicy(spec) === NestedPolicy.DISABLED) {
    conflict(
      "spec.nested_virtualization",
      "virtualizationBasedSecurity: true needs nested virtualization, but nestedVirtualization is false; remove one of the two",
    );
  }
  const needsUefi = uefiNeededBy(spec);
  if (spec.firmware === Firmware.BIOS && needsUefi !== undefined) {
    conflict("spec.firmware", `${needsUefi}: true needs UEFI, but firmware is BIOS; set firmware: UEFI`);
  }
  return found;
}
