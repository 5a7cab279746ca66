import { invalidArgument, type UnaryHandler, violation } from "@virtrigaud/kit";
import { type VMReference, View } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { notFound } from "../domains.ts";
import type { Host } from "../host.ts";
import { observe } from "../mapping/observation.ts";
import type { Depth, Found } from "../read-domain.ts";

/** Reads the domain anew, whatever is known of it. */
export const getVm =
  (host: Host): UnaryHandler<"getVm"> =>
  async ({ vm, view }, { signal }) => {
    const [found, sight] = await Promise.all([
      find(host, vm, view === View.FULL ? "full" : "basic", { signal }),
      host.sight({ signal }),
    ]);
    return { vm: observe(host.inventory.note(found), sight, view) };
  };

async function find(host: Host, vm: VMReference | undefined, depth: Depth, call: Call): Promise<Found> {
  const reference = vm?.reference;
  if (reference?.$case === "uid") return host.domains.owned(reference.value, call, depth);
  if (reference?.$case !== "id")
    throw invalidArgument([violation("vm", "REQUIRED", "name the VM by uid or id")]);
  const found = isUuid(reference.value) ? await host.domains.byId(reference.value, call, depth) : undefined;
  if (found === undefined) throw notFound(`no VM has the id ${reference.value}`);
  return found;
}

/** Nothing else can be the id of a domain; libvirt cannot even be asked. */
const isUuid = (id: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
