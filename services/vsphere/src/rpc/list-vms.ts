import { paginate, type UnaryHandler } from "@virtrigaud/kit";
import { View } from "@virtrigaud/proto";
import { observe } from "../mapping/observation.ts";
import type { Vcenter } from "../vcenter.ts";

/** One read of all VMs, whatever their number; pages are cut from it by id. */
export const listVms =
  (vcenter: Vcenter): UnaryHandler<"listVMs"> =>
  async (request, { signal }) => {
    const [all, sight] = await Promise.all([
      vcenter.vms.all({ signal }, request.view === View.FULL ? "full" : "basic"),
      vcenter.sight({ signal }),
    ]);
    const wanted = all.filter(({ marker }) => request.includeUnowned || marker !== undefined);
    const { items, nextPageToken } = paginate(wanted, ({ ref }) => ref.value, request);
    const vms = items.map((found) => observe(found, sight, request.view));
    return { vms, nextPageToken };
  };
