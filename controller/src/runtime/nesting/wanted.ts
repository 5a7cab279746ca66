import { Feature, PowerState, Tristate, type VM } from "@virtrigaud/proto";
import type { VirtualMachine } from "../../api/virtual-machine.ts";

/** Whether nesting is still to be proven inside the VM's guest, whenever that may be. */
export function proofWanted(
  vm: VirtualMachine,
  observed: VM | undefined,
  features: ReadonlySet<Feature>,
): boolean {
  const { "virtrigaud.io/verify-nesting": when = "first-boot" } = vm.metadata.annotations ?? {};
  if (when !== "first-boot" || !features.has(Feature.NESTING_VERIFICATION)) return false;
  if (observed?.powerState !== PowerState.ON) return false;
  const { requested, verified, reason } = observed.nested ?? {};
  // The provider keeps a proof for as long as it holds: after a change it says unknown again.
  return requested === Tristate.TRUE && verified !== Tristate.TRUE && reason !== SIMULATED;
}

/** Reason of a hypervisor in which nothing runs, so that nothing can ever be proven. */
export const SIMULATED = "SIMULATED";
