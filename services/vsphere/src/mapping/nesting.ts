import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import { NestedPolicy, Tristate, type VMSpec } from "@virtrigaud/proto";
import type { Host } from "./inventory.ts";
import { tristate } from "@virtrigaud/kit/outcomes";

/** Whether a host can give nested virtualization, as it says itself. */
export const hostNesting = (host: Host): Tristate => tristate(host.nestedHVSupported);

/** The best answer of several hosts: TRUE if any can, UNKNOWN if any may, FALSE only when none can. */
export function anyHostNesting(hosts: readonly Host[]): Tristate {
  const answers = hosts.map(hostNesting);
  if (answers.includes(Tristate.TRUE)) return Tristate.TRUE;
  return answers.includes(Tristate.UNKNOWN) || answers.length === 0 ? Tristate.UNKNOWN : Tristate.FALSE;
}

/** Whether a spec requires nested virtualization. Takes the effective spec. */
export const needsNesting = (spec: VMSpec): boolean => nestedPolicy(spec) === NestedPolicy.REQUIRED;

/** What to do on a host that cannot, step by step. */
export const nestingRemedy = [
  "switch on Intel VT-x with EPT or AMD-V with RVI in the host's firmware setup, then power the host off and on",
  "for an ESXi host that is itself a VM: set nestedHVEnabled on that VM (Expose hardware assisted virtualization to the guest OS)",
  "check: vim-cmd hostsvc/hosthardware | grep -i nestedHV, or Host.capability.nestedHVSupported in the Managed Object Browser",
];
