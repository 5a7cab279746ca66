import { PowerState } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { type Domain, ErrorCode } from "./client/index.ts";
import { attempt, unlessGone } from "./errors.ts";
import type { Host } from "./host.ts";
import { type Marker, readMarker } from "./mapping/metadata.ts";
import { powerState } from "./mapping/power-state.ts";
import type { Element } from "./mapping/xml.ts";
import { notRunning } from "./power.ts";
import { readDefinition } from "./read-domain.ts";

/** A VM that runs, as libvirtd describes it. */
export interface Running {
  readonly domain: Domain;
  readonly live: Element;
  readonly marker: Marker;
}

/**
 * The VM that a uid owns, which has to run. Does not ask its guest, which may not answer.
 * @throws as Domains.owned; FAILED_PRECONDITION VM_NOT_RUNNING
 */
export async function requireRunning(host: Host, uid: string, what: string, call: Call): Promise<Running> {
  const domain = await host.domains.ownedHandle(uid, call);
  const found = await attempt(`${what} of VM ${domain.name}`, () =>
    unlessGone(readDefinition(host.libvirt, domain, call), ErrorCode.NO_DOMAIN),
  );
  const marker = found && readMarker(found.stored);
  if (found === undefined || marker?.uid !== uid) {
    // What was known of it is not so any more; a fresh look tells what is.
    host.domains.forget(uid);
    await host.domains.owned(uid, call);
    return requireRunning(host, uid, what, call);
  }
  const { state, live, hasManagedSave } = found;
  if (live === undefined || powerState(state, hasManagedSave) !== PowerState.ON)
    throw notRunning(`${what} of VM ${domain.name}`);
  return { domain, live, marker };
}
