import { type Owner, VMSpec } from "@virtrigaud/proto";
import { all, el, type Element } from "./xml.ts";

/** Who owns a VM and what was last asked of it, as stamped into the domain's metadata. */
export interface Marker extends Owner {
  /** The canonical spec whose digest the fingerprint is; see Owner.spec_fingerprint. */
  canonicalSpec: string;
}

/** XML namespace and prefix of what we stamp; libvirt keeps one element for each namespace. */
export const metadataNamespace = { uri: "https://virtrigaud.io/libvirt/1", prefix: "virtrigaud" } as const;

/** The marker and the tags as a domain's metadata. */
export const metadata = (marker: Marker, tags: readonly string[]): Element =>
  el("metadata", {}, [markerElement(marker, tags)]);

/** The element alone, as SetMetadata takes it. */
export function markerElement(marker: Marker, tags: readonly string[]): Element {
  const { prefix, uri } = metadataNamespace;
  const { uid, specFingerprint, controllerId, canonicalSpec } = marker;
  return el(
    `${prefix}:vm`,
    { [`xmlns:${prefix}`]: uri, uid, fingerprint: specFingerprint, controller: controllerId },
    [...tags.map((tag) => el(`${prefix}:tag`, {}, tag)), el(`${prefix}:spec`, {}, asciiJson(canonicalSpec))],
  );
}

/** The marker of a domain; undefined when nobody owns it. */
export function readMarker(domain: Element): Marker | undefined {
  const stamp = stampOf(domain);
  const { uid, fingerprint = "", controller = "" } = stamp?.attributes ?? {};
  if (stamp === undefined || uid === undefined || uid === "") return undefined;
  const canonicalSpec = named(stamp, "spec")[0]?.text ?? "";
  return { uid, specFingerprint: fingerprint, controllerId: controller, canonicalSpec };
}

/** The tags of a domain. */
export function readTags(domain: Element): string[] {
  const stamp = stampOf(domain);
  return stamp === undefined ? [] : named(stamp, "tag").map(({ text }) => text);
}

/** The spec last asked for, without cloud_init; undefined when the marker holds none that can be read. */
export function requestedSpec(marker: Marker | undefined): VMSpec | undefined {
  if (marker === undefined || marker.canonicalSpec === "") return undefined;
  try {
    return VMSpec.fromJSON(JSON.parse(marker.canonicalSpec));
  } catch {
    // Anyone with access to the domain can edit its metadata; one broken marker must not hide all other VMs from a listing.
    return undefined;
  }
}

/** An element is ours by its namespace, whatever prefix someone's editor gave it. */
const stampOf = (domain: Element): Element | undefined =>
  all(domain, "metadata")
    .flatMap(({ children }) => children)
    .find((child) => child.attributes[namespaceOf(child)] === metadataNamespace.uri);

const namespaceOf = ({ name }: Element): string => {
  const [prefix, local] = name.split(":");
  return local === undefined ? "xmlns" : `xmlns:${prefix}`;
};

const named = (stamp: Element, local: string): readonly Element[] =>
  stamp.children.filter(({ name }) => name.split(":").at(-1) === local);

/** The same JSON without the characters that XML cannot hold or would fold. */
const asciiJson = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cs}\ufffe\uffff]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
