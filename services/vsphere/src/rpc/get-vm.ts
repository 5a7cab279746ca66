import { invalidArgument, type UnaryHandler, violation } from "@virtrigaud/kit";
import { type VMReference, View } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Depth, FoundVm } from "../mapping/found-vm.ts";
import { observe } from "../mapping/observation.ts";
import type { Vcenter } from "../vcenter.ts";
import { notFound } from "../vms.ts";

export const getVm =
  (vcenter: Vcenter): UnaryHandler<"getVm"> =>
  async ({ vm, view }, { signal }) => {
    const [found, sight] = await Promise.all([
      find(vcenter, vm, view === View.FULL ? "full" : "basic", { signal }),
      vcenter.sight({ signal }),
    ]);
    return { vm: observe(found, sight, view) };
  };

async function find(
  vcenter: Vcenter,
  vm: VMReference | undefined,
  depth: Depth,
  call: Call,
): Promise<FoundVm> {
  const reference = vm?.reference;
  if (reference?.$case === "uid") return vcenter.vms.owned(reference.value, call, depth);
  if (reference?.$case !== "id")
    throw invalidArgument([violation("vm", "REQUIRED", "name the VM by uid or id")]);
  const found = await vcenter.vms.read({ type: "VirtualMachine", value: reference.value }, call, depth);
  if (found === undefined || found.isTemplate) throw notFound(`no VM has the id ${reference.value}`);
  return found;
}
