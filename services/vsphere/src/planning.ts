import { canonicalSpec, specFingerprint } from "@virtrigaud/kit";
import type { VMSpec } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { gzipBase64 } from "./guestinfo.ts";
import type { Marker } from "./mapping/ownership.ts";
import { type Planned, planVm } from "./mapping/plan.ts";
import { Problems } from "./mapping/problems.ts";
import { templateName } from "./mapping/template.ts";
import type { Vcenter } from "./vcenter.ts";

/** The marker that a VM of this owner and spec is stamped with. */
export const markerFor = (uid: string, controllerId: string, spec: VMSpec): Marker => ({
  uid,
  controllerId,
  specFingerprint: specFingerprint(spec),
  canonicalSpec: canonicalSpec(spec),
});

/**
 * Plans a new VM on the inventory as it was last read; a refusal is only believed of a fresh one, since what is missing may have been
 * made a moment ago.
 */
export async function planNew(vcenter: Vcenter, marker: Marker, spec: VMSpec, call: Call): Promise<Planned> {
  const planned = await planOnce(vcenter, marker, spec, call);
  if (planned.violations.length === 0 || !vcenter.refresh()) return planned;
  return planOnce(vcenter, marker, spec, call);
}

async function planOnce(vcenter: Vcenter, marker: Marker, spec: VMSpec, call: Call): Promise<Planned> {
  const name = spec.image && templateName(spec.image, new Problems());
  const [about, inventory, templates] = await Promise.all([
    vcenter.about(call),
    vcenter.inventory(call),
    name === undefined ? [] : vcenter.templates(name, call),
  ]);
  return planVm({
    marker,
    spec,
    about,
    inventory,
    settings: vcenter.settings,
    templates,
    encode: gzipBase64,
  });
}
