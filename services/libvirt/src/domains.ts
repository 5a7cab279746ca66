import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import { type Domain, ErrorCode, type Libvirt } from "./client/index.ts";
import { attempt, unlessGone } from "./errors.ts";
import { readMarker } from "./mapping/metadata.ts";
import { textOf } from "./mapping/xml.ts";
import { type Depth, type Found, readDomain } from "./read-domain.ts";

/** Where VMs are that do not have their owner's uid as their UUID: those that were adopted. */
export interface Adopted {
  /** The domain that bears the marker of an owner; undefined when none does. */
  adoptedBy(uid: string, call: Call): Promise<Domain | undefined>;
}

/** How long a domain whose owner was read is taken to be the owner's still. */
const confirmedMs = 60_000;
const maxConfirmed = 10_000;

/** Domains by owner, as libvirtd holds them at this moment. */
export class Domains {
  readonly #libvirt: Libvirt;
  readonly #adopted: Adopted;
  readonly #confirmed = new Map<string, { domain: Domain; at: number }>();

  constructor(libvirt: Libvirt, adopted: Adopted) {
    this.#libvirt = libvirt;
    this.#adopted = adopted;
  }

  /** The domain whose UUID or whose owner a uid is; undefined only when libvirtd says that there is none. */
  async byUid(uid: string, call: Call, depth: Depth = "basic"): Promise<Found | undefined> {
    const found = await this.byId(uid, call, depth);
    if (found !== undefined) return found;
    const adopted = await this.#adopted.adoptedBy(uid, call);
    return adopted && this.read(adopted, call, depth);
  }

  /** The domain that a uid owns. @throws NOT_FOUND, also when a domain has the uid as its UUID and another's marker or none. */
  async owned(uid: string, call: Call, depth: Depth = "basic"): Promise<Found> {
    const found = await this.byUid(uid, call, depth);
    if (found === undefined) throw notFound(`no VM is owned by ${uid}`);
    if (readMarker(found.stored)?.uid !== uid)
      throw notFound(`no VM is owned by ${uid}; domain ${found.domain.name} has that UUID, and is not`);
    this.confirm(uid, found.domain);
    return found;
  }

  /** The handle of an owned domain, without a call where its marker was read a moment ago. @throws as {@link owned}. */
  async ownedHandle(uid: string, call: Call): Promise<Domain> {
    const known = this.#confirmed.get(uid);
    if (known !== undefined && Date.now() - known.at < confirmedMs) return known.domain;
    return (await this.owned(uid, call)).domain;
  }

  /** Notes that a domain bears the marker of a uid. */
  confirm(uid: string, domain: Domain): void {
    this.#confirmed.delete(uid);
    this.#confirmed.set(uid, { domain, at: Date.now() });
    const [oldest] = this.#confirmed.keys();
    if (this.#confirmed.size > maxConfirmed && oldest !== undefined) this.#confirmed.delete(oldest);
  }

  /** Forgets what was noted of a uid: its domain is gone or no longer its own. */
  forget(uid: string): void {
    this.#confirmed.delete(uid);
  }

  /** The domain with a UUID; undefined only when libvirtd says that there is none. */
  byId(uuid: string, call: Call, depth: Depth = "basic"): Promise<Found | undefined> {
    return attempt(`looking up domain ${uuid}`, async () => {
      const found = await unlessGone(
        this.#libvirt.call("domainLookupByUuid", { uuid }, call),
        ErrorCode.NO_DOMAIN,
      );
      return found && readDomain(this.#libvirt, found.domain, call, depth);
    });
  }

  /** The domain that has a name, whoever owns it: names are libvirt's alone. */
  async byName(name: string, call: Call): Promise<Domain | undefined> {
    const held = await attempt(`looking for the name ${name}`, () =>
      unlessGone(this.#libvirt.call("domainLookupByName", { name }, call), ErrorCode.NO_DOMAIN),
    );
    return held?.domain;
  }

  /** A domain as it is now; undefined only when it is gone. */
  read(domain: Domain, call: Call, depth: Depth = "basic"): Promise<Found | undefined> {
    return attempt(`reading VM ${domain.name}`, () => readDomain(this.#libvirt, domain, call, depth));
  }
}

export const notFound = (message: string): ProviderError =>
  new ProviderError({ code: status.NOT_FOUND, reason: "VM_NOT_FOUND", message });

/** Refuses a domain that has the uid as its UUID and not as its owner. */
export function requireOwner({ stored }: Found, uid: string): void {
  const marker = readMarker(stored);
  if (marker?.uid === uid) return;
  throw new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "OWNED_BY_ANOTHER",
    message: `domain ${textOf(stored, "name")} (${textOf(stored, "uuid")}) has ${marker === undefined ? "no ownership marker" : "another owner's marker"}; it is not touched`,
  });
}
