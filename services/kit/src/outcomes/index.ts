// What becomes of each knob on each hypervisor: pure data and pure functions over it, open to every package.
export { outcomeDocument } from "./document.ts";
export { cellFor, conflicts, refusals, rowsAskedBy } from "./evaluate.ts";
export {
  type EffectiveSpec,
  type Implied,
  needsFullReservations,
  nestedPolicy,
  withImplied,
} from "./implied.ts";
export type { Applied, Backend, Cell, OutcomeRow, Refused, Substituted } from "./row.ts";
export { outcomeTable } from "./table.ts";
export { entry } from "./applied-entry.ts";
export { tristate } from "./tristate.ts";
export { type RefusableFields, withRefused } from "./refused.ts";
