import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import { type Pve, PveError } from "./client/index.ts";
import { attempt } from "./errors.ts";
import { readPermissions } from "./mapping/read-inventory.ts";

/** Paths on which VM.Audit shows VMs that do not exist yet. */
const seesNewVms = (path: string): boolean => path === "/" || path === "/vms" || path.startsWith("/pool/");

/**
 * Fails unless the account sees VMs: without VM.Audit lists are empty, and a VM that is there would be taken for gone and made again.
 * @throws FAILED_PRECONDITION HYPERVISOR_PERMISSION.
 */
export async function requireAudit(pve: Pve, call: Call): Promise<true> {
  const answer = await attempt("reading the account's own privileges", () => read(pve, call));
  const permissions = readPermissions(answer);
  const paths = [...(permissions ?? [])].filter(([, held]) => held.has("VM.Audit")).map(([path]) => path);
  if (permissions === undefined || paths.some(seesNewVms)) return true;
  throw new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "HYPERVISOR_PERMISSION",
    message:
      "the account has no VM.Audit on /vms, without which Proxmox VE hides VMs that are there; give it a role with it: pveum acl modify /vms --users USER --roles ROLE, and --tokens USER!TOKEN where the token's privileges are separate",
  });
}

/** Undefined where this Proxmox VE does not tell. */
async function read(pve: Pve, call: Call) {
  try {
    return await pve.api(call).access.permissions.$get();
  } catch (error) {
    if (error instanceof PveError && error.status === 501) return undefined;
    throw error;
  }
}
