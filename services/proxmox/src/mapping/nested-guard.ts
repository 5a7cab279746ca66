import { NestedPolicy } from "@virtrigaud/proto";
import { configured, holdsPolicy } from "./configured.ts";
import type { VmConfig } from "./vm-config.ts";

/** What breaks VMs inside a VM: Proxmox VE checks none of it. */
export type GuardedAction =
  | "a snapshot with memory"
  | "suspending"
  | "migrating while it runs"
  | "reverting to saved memory";

/**
 * Why something may not be done to a VM that may host VMs; undefined when it may. The message of NESTED_GUEST_GUARD.
 * @param config what the VM runs with.
 */
export function nestedGuard(
  name: string,
  config: VmConfig,
  action: GuardedAction,
  override: boolean,
): string | undefined {
  if (override || !holdsPolicy(NestedPolicy.REQUIRED, config)) return undefined;
  return `VM ${name} can host VMs (${configured(config).evidence}) and ${action} may break those; shut it down first, or set override_nested_guard`;
}
