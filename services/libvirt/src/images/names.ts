import { createHash, randomBytes } from "node:crypto";
import { type Checksum, checksumOf } from "@virtrigaud/kit/download";
import type { UrlImage } from "@virtrigaud/proto";

/** The volume that an image of this SHA-256 is used by. */
export const contentLink = (sha256: string): string => linkOf({ algorithm: "sha256", hex: sha256 });

/** The volume that a request finds its image by: that of its checksum, or of its URL where it names none. */
export function linkFor(image: UrlImage): string {
  const checksum = checksumOf(image);
  if (checksum !== undefined) return linkOf(checksum);
  // Another login or fragment is no other file.
  const url = new URL(image.url);
  url.username = url.password = url.hash = "";
  return `vrtg-image-url-${createHash("sha256").update(url.href).digest("hex")}.qcow2`;
}

const linkOf = ({ algorithm, hex }: Checksum): string => `vrtg-image-${algorithm}-${hex}.qcow2`;

/** The SHA-256 in the name or path of a {@link contentLink}; undefined for anything else. */
export const sha256Of = (link: string): string | undefined =>
  /^(?:.*\/)?vrtg-image-sha256-([0-9a-f]{64})\.qcow2$/.exec(link)?.[1];

export const isLink = (name: string): boolean =>
  /^vrtg-image-(?:url|sha256|sha512|sha1|md5)-[0-9a-f]+\.qcow2$/.test(name);

/** A volume for the bytes of one attempt at importing an image; no other attempt ever has the same. */
export const newDataName = (): string => `vrtg-image-${randomBytes(8).toString("hex")}.data`;

export const isData = (name: string): boolean => /^vrtg-image-[0-9a-f]{16}\.data$/.test(name);
