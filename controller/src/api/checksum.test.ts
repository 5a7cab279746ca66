import { describe, expect, test } from "@jest/globals";
import { parseChecksum } from "./checksum.ts";

const SHA256 = "ab".repeat(32);

describe("parseChecksum", () => {
  test.each([
    ["plain is sha256", SHA256, undefined, { algorithm: "sha256", digest: SHA256 }],
    ["upper case", SHA256.toUpperCase(), undefined, { algorithm: "sha256", digest: SHA256 }],
    ["prefix", `sha256:${SHA256}`, undefined, { algorithm: "sha256", digest: SHA256 }],
    ["prefix and equal type", `sha256:${SHA256}`, "sha256", { algorithm: "sha256", digest: SHA256 }],
    ["type without prefix", "ab".repeat(16), "md5", { algorithm: "md5", digest: "ab".repeat(16) }],
    [
      "prefix without type",
      `sha512:${"0".repeat(128)}`,
      undefined,
      { algorithm: "sha512", digest: "0".repeat(128) },
    ],
    ["prefix against type", `sha256:${SHA256}`, "sha512", undefined],
    ["too short for the type", SHA256, "sha512", undefined],
    ["unknown algorithm", `crc32:${SHA256}`, undefined, undefined],
    ["inherited name", `constructor:${SHA256}`, undefined, undefined],
    ["no digits", "sha256:REPLACE_ME", undefined, undefined],
    ["empty", "", undefined, undefined],
  ] as const)("%s", (_, text, type, expected) => {
    expect(parseChecksum(text, type)).toEqual(expected);
  });
});
