import type { Call } from "./call.ts";
import { ErrorCode } from "./client/index.ts";
import { attempt, unlessGone } from "./errors.ts";
import type { Host } from "./host.ts";
import { type Marker, markerElement, metadataNamespace, readTags } from "./mapping/metadata.ts";
import type { Element } from "./mapping/xml.ts";
import type { Found } from "./read-domain.ts";
import { setMetadata } from "./set-metadata.ts";

/** Stamps a marker onto a domain; nothing else about it changes. */
export async function stamp(host: Host, found: Found, marker: Marker, call: Call): Promise<void> {
  const element = markerElement(marker, readTags(found.stored));
  await attempt(`stamping the owner of VM ${found.domain.name}`, () => setMarker(host, found, element, call));
  host.domains.confirm(marker.uid, found.domain);
}

/** Takes the marker off a domain, which then is nobody's. */
export async function release(host: Host, found: Found, call: Call): Promise<undefined> {
  const { NO_DOMAIN, NO_DOMAIN_METADATA } = ErrorCode;
  await attempt(`releasing VM ${found.domain.name}`, () =>
    unlessGone(setMarker(host, found, undefined, call), NO_DOMAIN, NO_DOMAIN_METADATA),
  );
}

const setMarker = (host: Host, { domain, live }: Found, element: Element | undefined, call: Call) =>
  setMetadata(host, domain, metadataNamespace, element, live === undefined ? "stored" : "both", call);
