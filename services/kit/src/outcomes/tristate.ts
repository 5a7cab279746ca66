import { Tristate } from "@virtrigaud/proto";

/** undefined is not known. */
export const tristate = (value: boolean | undefined): Tristate =>
  value === undefined ? Tristate.UNKNOWN : value ? Tristate.TRUE : Tristate.FALSE;
