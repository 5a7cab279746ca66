import type { Call } from "../call.ts";
import { type Domain, DomainState, ErrorCode, type Libvirt } from "../client/index.ts";
import { unlessGone } from "../errors.ts";
import { readLive, readManagedSave, readStored } from "../read-domain.ts";
import type { Known, Seen, SeenRun } from "./known.ts";
import type { Need } from "./need.ts";

type Options = Call & { readonly deadlineMs: number };

/** Looks at what has to be looked at, and at all of a domain that nobody knows; undefined when it is gone. */
export async function look(
  libvirt: Libvirt,
  domain: Domain,
  need: Need,
  known: Known | undefined,
  call: Options,
): Promise<Seen | undefined> {
  const at = need.asOf ?? performance.now();
  const isOff =
    need.state === DomainState.SHUTOFF || (known === undefined && need.live === 0 && domain.id === -1);
  const parts = Promise.all([
    need.stored > 0 || known === undefined ? readStored(libvirt, domain, call) : undefined,
    isOff ? off(libvirt, domain, need, call) : on(libvirt, domain, need, known, call),
  ]);
  const found = await unlessGone(parts, ErrorCode.NO_DOMAIN);
  return found && { uuid: domain.uuid, at, stored: found[0], run: found[1] };
}

async function off(libvirt: Libvirt, domain: Domain, { save }: Need, call: Options): Promise<SeenRun> {
  // Other programs save memory to files of their own as well, and libvirt tells both in the same words.
  const hasManagedSave = save === "ask" ? await readManagedSave(libvirt, domain, call) : save;
  return { state: DomainState.SHUTOFF, live: undefined, hasManagedSave };
}

async function on(
  libvirt: Libvirt,
  domain: Domain,
  need: Need,
  known: Known | undefined,
  call: Options,
): Promise<SeenRun | undefined> {
  const before = known?.run;
  const hasManagedSave = before?.hasManagedSave ?? false;
  if (need.live === 0 && before !== undefined)
    return need.state === undefined ? undefined : { state: need.state, live: "as before", hasManagedSave };
  const live = await readLive(libvirt, domain, call);
  if (live === undefined) return { state: DomainState.SHUTOFF, live, hasManagedSave };
  // Of a domain that was known to run, an event would have told another state.
  const told = need.state ?? (before?.live && before.state);
  const state = told ?? (await libvirt.call("domainGetState", { domain }, call)).state;
  return { state, live, hasManagedSave: false };
}
