import { status } from "@grpc/grpc-js";
import { NestedPolicy } from "@virtrigaud/proto";
import { Fault } from "../fault.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { policyOf } from "./implied.ts";

/** FAILED_PRECONDITION NESTED_GUEST_GUARD while nesting is configured: saved memory breaks VMs that run inside. */
export function assertNoNestedGuest(machine: Machine, action: string, override: boolean): void {
  const configs = [machine.config, machine.running ?? machine.config];
  if (override || !configs.some((config) => policyOf(config) === NestedPolicy.REQUIRED)) return;
  const message = `${action} of ${machine.name}: VMs inside it may break; set override_nested_guard to do it all the same`;
  throw new Fault(status.FAILED_PRECONDITION, "NESTED_GUEST_GUARD", message);
}
