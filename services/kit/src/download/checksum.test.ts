import { expect, test } from "@jest/globals";
import { ChecksumAlgorithm, UrlImage } from "@virtrigaud/proto";
import { checksumOf } from "./checksum.ts";

test.each([
  ["", ChecksumAlgorithm.UNSPECIFIED, undefined],
  ["AB", ChecksumAlgorithm.UNSPECIFIED, { algorithm: "sha256", hex: "ab" }],
  ["sha256:ab", ChecksumAlgorithm.SHA256, { algorithm: "sha256", hex: "ab" }],
  ["SHA512:AB", ChecksumAlgorithm.SHA512, { algorithm: "sha512", hex: "ab" }],
  ["ab", ChecksumAlgorithm.SHA1, { algorithm: "sha1", hex: "ab" }],
  ["ab", ChecksumAlgorithm.MD5, { algorithm: "md5", hex: "ab" }],
])("%j by %s", (checksum, checksumAlgorithm, expected) => {
  expect(checksumOf(UrlImage.fromPartial({ checksum, checksumAlgorithm }))).toEqual(expected);
});
