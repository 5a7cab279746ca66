import { status } from "@grpc/grpc-js";
import type { Context } from "../context.ts";
import { Fault } from "../fault.ts";

/** ALREADY_EXISTS NAME_TAKEN, or ABORTED while the one who is making a VM of that name may still fail. */
export function assertNameFree({ hypervisor }: Context, name: string): void {
  const holder = hypervisor.inventory.named(name);
  if (!holder) return;
  if (holder.sequence === 0) {
    const message = `${name} is being made by another caller; call again`;
    throw new Fault(status.ABORTED, "NAME_RACE", message, { retryMs: 50 });
  }
  const message = `${name} is the name of VM ${holder.id}, which this uid does not own; choose another name`;
  throw new Fault(status.ALREADY_EXISTS, "NAME_TAKEN", message, { metadata: { id: holder.id } });
}
