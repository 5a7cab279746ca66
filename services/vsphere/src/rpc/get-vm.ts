import { invalidArgument, type UnaryHandler, violation } from "@virtrigaud/kit";
import { type VMReference, View } from "@virtrigaud/proto";
import { type FoundVm, observe } from "../mapping/observation.ts";
import { isSimulated, type Vcenter } from "../vcenter.ts";
import { notFound } from "../vms.ts";

export const getVm =
  (vcenter: Vcenter): UnaryHandler<"getVm"> =>
  async ({ vm, view }, { signal }) => {
    const [found, about, inventory] = await Promise.all([
      find(vcenter, vm, view === View.FULL ? "full" : "basic", { signal }),
      vcenter.about({ signal }),
      vcenter.inventory({ signal }),
    ]);
    return { vm: observe(found, inventory, isSimulated(about), view) };
  };

async function find(
  vcenter: Vcenter,
  vm: VMReference | undefined,
  view: "basic" | "full",
  call: { signal: AbortSignal },
): Promise<FoundVm> {
  const reference = vm?.reference;
  if (reference?.$case === "uid") return vcenter.vms.owned(reference.value, call, view);
  if (reference?.$case !== "id")
    throw invalidArgument([violation("vm", "REQUIRED", "name the VM by uid or id")]);
  const found = await vcenter.vms.read({ type: "VirtualMachine", value: reference.value }, call, view);
  if (found === undefined || found.config?.template) throw notFound(`no VM has the id ${reference.value}`);
  return found;
}
