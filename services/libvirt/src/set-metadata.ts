import type { Call } from "./call.ts";
import { type Domain, flags, MetadataType } from "./client/index.ts";
import type { Host } from "./host.ts";
import { type Element, renderXml, withoutNamespace } from "./mapping/xml.ts";

/** XML namespace of an element of ours in a domain's metadata, of which libvirt keeps one for each. */
export interface Namespace {
  readonly uri: string;
  readonly prefix: string;
}

/** Which descriptions of a domain: what is stored, what runs (which has one of its own), or both. */
export type Where = "stored" | "live" | "both";

const { LIVE, CONFIG } = flags.Affect;
const affected: Readonly<Record<Where, number>> = { stored: CONFIG, live: LIVE, both: LIVE | CONFIG };

/** Puts an element into the metadata of a domain, or takes it away. */
export async function setMetadata(
  host: Host,
  domain: Domain,
  { uri, prefix }: Namespace,
  element: Element | undefined,
  where: Where,
  call: Call,
): Promise<void> {
  // libvirt declares the namespace itself, and refuses an element that does.
  const what =
    element === undefined
      ? { metadata: undefined, key: undefined }
      : { metadata: renderXml(withoutNamespace(element)), key: prefix };
  const type = MetadataType.ELEMENT;
  await host.libvirt.call("domainSetMetadata", { domain, type, uri, ...what, flags: affected[where] }, call);
  const now = await host.domains.read(domain, call);
  if (now !== undefined) host.inventory.note(now);
}
