import { interfacesIn, readAddresses, type Reports } from "./addresses.ts";
import type { Call } from "./call.ts";
import { type Domain, DomainState, ErrorCode, flags, type Libvirt } from "./client/index.ts";
import { unlessGone } from "./errors.ts";
import type { FoundDomain } from "./mapping/found-domain.ts";
import { type Element, parseXml } from "./mapping/xml.ts";
import { readCounters } from "./stats.ts";
import { readVolumes } from "./volumes.ts";

/** How much of a domain is read: "full" adds its volumes and counters. */
export type Depth = "basic" | "full";

/** A domain as it was read, with the handle to call it by. */
export interface Found extends FoundDomain {
  readonly domain: Domain;
  /** performance.now() at the beginning of the read; what happened since may be missing. */
  readonly readAt?: number;
  /** Where {@link FoundDomain.interfaces} come from. */
  readonly reports?: Reports;
}

/** Reads a domain in two waves of calls; undefined when it is gone. */
export async function readDomain(
  libvirt: Libvirt,
  domain: Domain,
  call: Call,
  depth: Depth,
): Promise<Found | undefined> {
  const readAt = performance.now();
  const definition = await unlessGone(readDefinition(libvirt, domain, call), ErrorCode.NO_DOMAIN);
  if (definition === undefined) return undefined;
  const { stored, live, state } = definition;
  const isFull = depth === "full";
  const [reports, volumes, stats] = await Promise.all([
    live === undefined ? {} : readAddresses(libvirt, domain, { live, state }, call),
    isFull ? readVolumes(libvirt, live ?? stored, call) : [],
    isFull && live !== undefined ? readCounters(libvirt, domain, call) : new Map<string, number>(),
  ]);
  return { domain, readAt, ...definition, reports, interfaces: interfacesIn(reports), volumes, stats };
}

/** What libvirtd holds of a domain by itself, without asking its guest or its storage. */
export type Definition = Pick<Found, "stored" | "live" | "state" | "hasManagedSave">;

export async function readDefinition(libvirt: Libvirt, domain: Domain, call: Call): Promise<Definition> {
  const [{ state }, stored] = await Promise.all([
    libvirt.call("domainGetState", { domain }, call),
    readStored(libvirt, domain, call),
  ]);
  const isActive = state !== DomainState.SHUTOFF && state !== DomainState.NO_STATE;
  const [live, hasManagedSave] = await Promise.all([
    isActive ? readLive(libvirt, domain, call) : undefined,
    isActive ? false : readManagedSave(libvirt, domain, call),
  ]);
  return { stored, live, state: live === undefined ? DomainState.SHUTOFF : state, hasManagedSave };
}

/** What the next start takes. */
export async function readStored(libvirt: Libvirt, domain: Domain, call: Call): Promise<Element> {
  const bits = flags.DomainXml.INACTIVE;
  return parseXml((await libvirt.call("domainGetXmlDesc", { domain, flags: bits }, call)).xml);
}

/** What runs; undefined when nothing does. */
export async function readLive(libvirt: Libvirt, domain: Domain, call: Call): Promise<Element | undefined> {
  const described = parseXml((await libvirt.call("domainGetXmlDesc", { domain, flags: 0 }, call)).xml);
  // Of a domain that has stopped meanwhile this is what is stored; only one that runs has an id.
  return described.attributes.id === undefined ? undefined : described;
}

export async function readManagedSave(libvirt: Libvirt, domain: Domain, call: Call): Promise<boolean> {
  return (await libvirt.call("domainHasManagedSaveImage", { domain }, call)).result > 0;
}
