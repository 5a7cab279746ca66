import { ProviderError, status } from "@virtrigaud/kit";
import type { VimFault } from "./client/errors.ts";
import { isFault } from "./errors.ts";
import type { Fault } from "./mapping/faults.ts";
import type { ManagedObjectReference } from "./vim/types.ts";
import type { Vcenter } from "./vcenter.ts";

interface Call {
  signal: AbortSignal;
}

/** DuplicateName of a create call, explained by who holds the name; any other error as it is. */
export async function explainDuplicate(
  vcenter: Vcenter,
  error: unknown,
  uid: string,
  name: string,
  call: Call,
): Promise<unknown> {
  if (!isFault(error, "DuplicateName")) return error;
  return nameHolder(vcenter, { detail: (error as VimFault).detail }, uid, name, call);
}

/**
 * The name is the lock between racing callers. Held by a VM of the same owner, the race was lost to another call for the same VM:
 * ABORTED, and the next call finds it. Held by anyone else, it is taken.
 */
export async function nameHolder(
  vcenter: Vcenter,
  fault: Pick<Fault, "detail">,
  uid: string,
  name: string,
  call: Call,
): Promise<ProviderError> {
  const holder = fault.detail.object as ManagedObjectReference<"VirtualMachine"> | undefined;
  const found = holder?.type === "VirtualMachine" ? await vcenter.vms.read(holder, call, "basic") : undefined;
  // A VM without configuration is being made at this moment; whose it will be shows when it is done.
  const undecided = found !== undefined && found.config === undefined;
  if (found?.marker?.uid === uid || undecided) {
    return new ProviderError({
      code: status.ABORTED,
      reason: "LOST_RACE",
      message: `another call makes the VM ${name} at this moment; repeat the call`,
      retryAfterMs: 500,
    });
  }
  return new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "NAME_TAKEN",
    message: `the name ${name} is taken by ${found === undefined ? "another object" : `VM ${found.ref.value}`} in the same folder, which is not touched; choose another name or folder`,
  });
}
