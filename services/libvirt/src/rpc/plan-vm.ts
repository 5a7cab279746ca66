import { required, type UnaryHandler } from "@virtrigaud/kit";
import type { VMSpec, Violation } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Host } from "../host.ts";
import { changes, driftLines } from "../mapping/drift.ts";
import { withRefused } from "../mapping/refused.ts";
import { renderXml } from "../mapping/xml.ts";
import { markerFor, planNew } from "../planning.ts";
import type { Found } from "../read-domain.ts";

/** Stands for the uid of a VM that does not exist yet. */
const noUid = "00000000-0000-0000-0000-000000000000";

export const planVm =
  (host: Host): UnaryHandler<"planVm"> =>
  async ({ spec, uid }, call) => {
    const asked = required(spec);
    const marker = markerFor(uid || noUid, "", asked);
    const [planned, existing] = await Promise.all([
      planNew(host, marker, asked, call),
      uid === "" ? undefined : host.domains.byUid(uid, call, "full"),
    ]);
    const taken = existing === undefined ? await nameTaken(host, asked, call) : [];
    return {
      nativeConfiguration: renderXml(planned.domain),
      nativeFormat: "libvirt domain XML",
      appliedCapabilities: withRefused(planned.applied, taken),
      violations: [...planned.violations, ...taken],
      advice: planned.advice,
      host: (await host.facts(call)).name,
      drift: existing === undefined ? [] : drift(existing, asked, uid, planned.domain),
    };
  };

const drift = (
  { stored, live, volumes }: Found,
  spec: VMSpec,
  uid: string,
  wanted: Found["stored"],
): string[] => {
  const sizes = volumes.map(({ path, capacityBytes = 0 }) => [path, capacityBytes] as const);
  return driftLines(changes({ spec, uid, wanted, stored, live, capacities: new Map(sizes) }));
};

/** Names are libvirt's alone: one domain has each, whoever owns it. */
async function nameTaken(host: Host, { name }: VMSpec, call: Call): Promise<Violation[]> {
  const held = await host.domains.byName(name, call);
  if (held === undefined) return [];
  const description = `the name ${name} is taken by domain ${held.uuid}; choose another name`;
  return [{ field: "spec.name", reason: "NAME_TAKEN", description }];
}
