import { ProviderError, status } from "@virtrigaud/kit";
import type { ReadVm } from "./mapping/existing.ts";
import { isOurs } from "./ownership.ts";

/** Refuses a VM that was adopted: it was shaped by someone else, for reasons that no spec of ours holds. */
export function requireOurs(found: ReadVm, uid: string): void {
  if (isOurs(found, uid)) return;
  throw new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VM_ADOPTED",
    message: `VM ${found.name} was adopted and keeps its own configuration; change it with qm set ${found.vmid}, or make a new VM`,
  });
}
