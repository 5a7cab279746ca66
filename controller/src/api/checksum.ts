/** Digest algorithms of an image, with the number of hexadecimal digits of each. */
export const CHECKSUM_DIGITS = { md5: 32, sha1: 40, sha256: 64, sha512: 128 } as const;

/** Name of a digest algorithm. */
export type ChecksumAlgorithm = keyof typeof CHECKSUM_DIGITS;

/** An expected digest: the algorithm, and the digest in lower-case hexadecimal without a prefix. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly digest: string;
}

/**
 * Reads "sha256:de5e…" or plain "de5e…". The prefix names the algorithm, else `type` does, else it is sha256.
 * Returns undefined when prefix and type disagree or the digest does not have the algorithm's number of digits.
 */
export function parseChecksum(text: string, type?: ChecksumAlgorithm): Checksum | undefined {
  const [, prefix, digest = ""] = /^(?:([a-z0-9]+):)?([0-9a-fA-F]+)$/.exec(text) ?? [];
  const algorithm = prefix ?? type ?? "sha256";
  if (!isAlgorithm(algorithm) || algorithm !== (type ?? algorithm)) return undefined;
  return digest.length === CHECKSUM_DIGITS[algorithm]
    ? { algorithm, digest: digest.toLowerCase() }
    : undefined;
}

function isAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(CHECKSUM_DIGITS, name);
}
