import type { GetVMRequest, GetVMResponse, VMReference } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { invalid, notFound } from "../fault.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { observe } from "../mapping/observe.ts";
import { check } from "../mapping/validate.ts";
import { ownedMachine } from "./owned.ts";

/** GetVM: one machine as it is now. */
export function getVm(context: Context, { vm, view }: GetVMRequest): GetVMResponse {
  return { vm: observe(context.hypervisor, referenced(context, vm, "vm"), view) };
}

/** The machine that a reference names. INVALID_ARGUMENT when it names none, NOT_FOUND. */
export function referenced(context: Context, vm: VMReference | undefined, field: string): Machine {
  const reference = vm?.reference;
  if (!reference?.value) throw invalid(check([[field, false, "must name a VM by uid or id"]]));
  if (reference.$case === "uid") return ownedMachine(context, reference.value);
  const machine = context.hypervisor.inventory.get(reference.value);
  if (!machine) throw notFound(`VM ${reference.value}`);
  return machine;
}
