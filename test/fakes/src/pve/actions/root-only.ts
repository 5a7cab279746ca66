import type { Call } from "../api/call.ts";
import { refuse } from "../api/error.ts";

/** Refuses parameters that only root@pam itself may use, a token of root not among them. */
export function rootOnly(call: Call, ...names: readonly string[]): void {
  for (const name of names) {
    const value = call.values[name];
    if (value !== undefined && value !== "0" && value !== "" && !call.isRoot)
      refuse({ [name]: "Only root may use this option." });
  }
}
