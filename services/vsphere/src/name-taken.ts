import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import type { Fault } from "./mapping/faults.ts";
import type { Vcenter } from "./vcenter.ts";
import type { ManagedObjectReference } from "./vim/types.ts";

/**
 * What DuplicateName means, of a call or of a task: the name is the lock between racing callers. Held by a VM of the same owner, the race was
 * lost to another call for the same VM: ABORTED, and the next call finds it. Held by anyone else, it is taken.
 */
export async function nameHolder(
  vcenter: Vcenter,
  { detail }: Pick<Fault, "detail">,
  uid: string,
  name: string,
  call: Call,
): Promise<ProviderError> {
  const holder = detail.object as ManagedObjectReference<"VirtualMachine"> | undefined;
  if (holder?.type !== "VirtualMachine") return nameTaken(name, "another object");
  const found = await vcenter.vms.read(holder, call);
  if (found === undefined) return lostRace(`the VM that had the name ${name} was removed at this moment`);
  // A VM that cannot be read and is not lost is being made at this moment; whose it will be shows when it is done.
  const isLost = ["inaccessible", "orphaned"].includes(found.runtime.connectionState);
  const isBeingMade = !found.isReadable && !isLost;
  if (found.marker?.uid === uid || isBeingMade)
    return lostRace(`another call makes the VM ${name} at this moment`);
  return nameTaken(name, `VM ${found.ref.value}`);
}

const lostRace = (what: string): ProviderError =>
  new ProviderError({
    code: status.ABORTED,
    reason: "LOST_RACE",
    message: `${what}; repeat the call`,
    retryAfterMs: 500,
  });

const nameTaken = (name: string, holder: string): ProviderError =>
  new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "NAME_TAKEN",
    message: `the name ${name} is taken by ${holder} in the same folder, which is not touched; choose another name or folder`,
  });
