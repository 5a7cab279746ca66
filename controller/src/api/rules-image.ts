import { parseChecksum } from "./checksum.ts";
import type { Rule } from "./rules.ts";
import type { VMImage } from "./vm-image.ts";

const checksumRule = (source: "vsphere" | "libvirt" | "http"): Rule<VMImage> => ({
  name: `${source}-checksum-is-a-digest`,
  field: `spec.source.${source}.checksum`,
  reads: [`spec.source.${source}.checksum`, `spec.source.${source}.checksumType`],
  message:
    "expected the digest in hexadecimal (md5 32, sha1 40, sha256 64, sha512 128 digits), alone or as algorithm:digest; " +
    "the algorithm must agree with checksumType (sha256 when absent)",
  holds: ({ spec }) => {
    const { checksum, checksumType } = spec.source[source] ?? {};
    return checksum === undefined || parseChecksum(checksum, checksumType) !== undefined;
  },
});

/** Rules of a VMImage. */
export const imageRules: readonly Rule<VMImage>[] = [
  checksumRule("vsphere"),
  checksumRule("libvirt"),
  checksumRule("http"),
];
