import { ProviderError, status } from "@virtrigaud/kit";
import type { Found } from "./read-domain.ts";

/** Refuses a VM that was adopted: its definition holds what we have no words for, and writing it anew would lose that. */
export function requireOurs({ domain }: Found, uid: string): void {
  if (domain.uuid === uid) return;
  throw new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VM_ADOPTED",
    message: `VM ${domain.name} was adopted and keeps its own configuration; change it with virsh edit ${domain.name}, or make a new VM from its disks`,
  });
}
