import { type FaultMeaning, meanings, unlisted } from "./fault-meanings.ts";

/** A fault as vCenter reports it, from a call or from a task. */
export interface Fault {
  faultType: string;
  message: string;
  detail: Readonly<Record<string, unknown>>;
}

/** What a fault means. */
export const faultMeaning = ({ faultType }: Fault): FaultMeaning => meanings.get(faultType) ?? unlisted;

/** One sentence for people: what was done, what vCenter said, what to do. */
export function faultSentence(action: string, fault: Fault): string {
  const privilege =
    fault.faultType === "NoPermission" ? ` (privilege ${String(fault.detail.privilegeId ?? "unknown")})` : "";
  return `${action}: ${fault.faultType}${privilege}: ${fault.message || "no further words"}; ${faultMeaning(fault).remedy}`;
}
