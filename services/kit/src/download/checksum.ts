import { ChecksumAlgorithm, type UrlImage } from "@virtrigaud/proto";

/** As node:crypto calls them. */
export type DigestAlgorithm = "sha256" | "sha512" | "sha1" | "md5";

/** What a file must hash to. */
export interface Checksum {
  readonly algorithm: DigestAlgorithm;
  /** In lower-case hexadecimal. */
  readonly hex: string;
}

const algorithms: Readonly<Partial<Record<ChecksumAlgorithm, DigestAlgorithm>>> = {
  [ChecksumAlgorithm.UNSPECIFIED]: "sha256",
  [ChecksumAlgorithm.SHA256]: "sha256",
  [ChecksumAlgorithm.SHA512]: "sha512",
  [ChecksumAlgorithm.SHA1]: "sha1",
  [ChecksumAlgorithm.MD5]: "md5",
};

/** The checksum that an image names, in any case and with or without "sha256:" before it; undefined without one. */
export function checksumOf({ checksum, checksumAlgorithm }: UrlImage): Checksum | undefined {
  if (checksum === "") return undefined;
  const algorithm = algorithms[checksumAlgorithm];
  if (algorithm === undefined) throw new RangeError(`checksum algorithm ${checksumAlgorithm} is not known`);
  return { algorithm, hex: checksum.toLowerCase().replace(`${algorithm}:`, "") };
}
