import type { OutcomeRow } from "./row.ts";
import { computeRows } from "./rows/compute.ts";
import { guestRows } from "./rows/guest.ts";
import { nestingRows } from "./rows/nesting.ts";
import { resourcesRows } from "./rows/resources.ts";
import { schedulingRows } from "./rows/scheduling.ts";
import { securityRows } from "./rows/security.ts";

/**
 * What becomes of each thing that a manifest can ask for, by hypervisor. The one source of refusals, of the mechanisms
 * that AppliedCapability names, of the table in the documents and of the cell-by-cell tests.
 */
export const outcomeTable: readonly OutcomeRow[] = [
  ...computeRows,
  ...nestingRows,
  ...schedulingRows,
  ...securityRows,
  ...resourcesRows,
  ...guestRows,
];
