import { Tristate } from "@virtrigaud/proto";
import type { Truth } from "../status-types.ts";

/** A tristate as a condition's status; what was not filled in is unknown. */
export function truth(value: Tristate | undefined): Truth {
  if (value === Tristate.TRUE) return "True";
  return value === Tristate.FALSE ? "False" : "Unknown";
}
