import { type NestingVerification, type Owner, VMSpec } from "@virtrigaud/proto";
import { decodeDescription, encodeDescription } from "./language/description.ts";
import { decodeTags, encodeTags } from "./language/tags.ts";
import { proofJson, readProof } from "./verification.ts";

/** Who owns a VM and what was last asked of it, as stamped into its description. */
export interface Marker extends Owner {
  /** The canonical spec whose digest the fingerprint is; see Owner.spec_fingerprint. */
  canonicalSpec: string;
  /** The VM that it was stamped on. Proxmox VE copies descriptions and tags into clones and restored backups, which are nobody's. */
  vmid: number;
  /** What its root disk was made from, for people: "template 9000 (ubuntu-24.04)". Proxmox VE does not keep it. */
  image?: string;
}

/** The options of a VM that tell whose it is, as they are found among others. */
export interface Stamped {
  readonly description?: string | number;
  readonly tags?: string | number;
}

const prefix = "vrtg-";

/** The tag by which a VM is found in a listing. */
export const ownerTag = (uid: string): string => `${prefix}${uid}`;

/** Whether a tag is one of ours and not one that someone asked for. */
export const isOwnerTag = (tag: string): boolean => tag.startsWith(prefix);

/**
 * The options that make a VM the marker's: its description with the notes that were there, its tags. A proof that nesting works goes along
 * while it holds. Throws a LanguageError when the description would be too long or a tag has other characters than Proxmox VE takes.
 */
export function stampMarker(
  marker: Marker,
  tags: readonly string[],
  found: Stamped = {},
  proof?: NestingVerification,
): { description: string; tags: string } {
  const { uid, specFingerprint, controllerId, vmid, image, canonicalSpec } = marker;
  const before = String(found.description ?? "");
  const owner = JSON.stringify({ uid, fingerprint: specFingerprint, controller: controllerId, vmid, image });
  const held = proof ?? readProof(before, specFingerprint);
  const description = encodeDescription({
    notes: decodeDescription(before).notes,
    owner,
    ...(canonicalSpec === "" ? {} : { spec: canonicalSpec }),
    ...(held === undefined ? {} : { proof: proofJson(held, specFingerprint) }),
  });
  return { description, tags: encodeTags([...tags.filter((tag) => !isOwnerTag(tag)), ownerTag(uid)]) };
}

/** The marker of a VM; undefined when nobody owns it, or when the marker came with a copy of another VM's options. */
export function readMarker({ description = "" }: Stamped, vmid: number): Marker | undefined {
  const { owner, spec = "" } = decodeDescription(String(description));
  const stamp = parse(owner);
  const { uid, fingerprint, controller, image } = stamp ?? {};
  if (typeof uid !== "string" || uid === "" || stamp?.vmid !== vmid) return undefined;
  return {
    uid,
    specFingerprint: typeof fingerprint === "string" ? fingerprint : "",
    controllerId: typeof controller === "string" ? controller : "",
    canonicalSpec: spec,
    vmid,
    ...(typeof image === "string" ? { image } : {}),
  };
}

/**
 * The uid that a listing's row shows; undefined when it shows none, as before Proxmox VE 7. Only the VM's description proves it: a copy made
 * in the web interface carries the same tag.
 */
export const uidOfRow = ({ tags = "" }: Stamped): string | undefined =>
  decodeTags(String(tags)).find(isOwnerTag)?.slice(prefix.length);

/** The spec last asked for, without cloud_init; undefined when the marker holds none that can be read. */
export function requestedSpec(marker: Marker | undefined): VMSpec | undefined {
  const spec = parse(marker?.canonicalSpec);
  try {
    return spec && VMSpec.fromJSON(spec);
  } catch {
    // Anyone who may edit a VM's notes can break its marker; that must not hide all other VMs from a listing.
    return undefined;
  }
}

function parse(json: string | undefined): Record<string, unknown> | undefined {
  if (json === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch {
    // As in requestedSpec: people edit notes.
    return undefined;
  }
}
