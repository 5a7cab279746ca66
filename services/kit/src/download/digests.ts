import { createHash, type Hash } from "node:crypto";
import type { Checksum, DigestAlgorithm } from "./checksum.ts";
import { checksumMismatch } from "./failures.ts";

/** Hashes of a file while it passes by: SHA-256, by which it is known, and the one that it is checked with. */
export class Digests {
  readonly #checksum: Checksum | undefined;
  readonly #hashes = new Map<DigestAlgorithm, Hash>([["sha256", createHash("sha256")]]);
  readonly #found = new Map<DigestAlgorithm, string>();

  constructor(checksum: Checksum | undefined) {
    this.#checksum = checksum;
    if (checksum !== undefined && checksum.algorithm !== "sha256")
      this.#hashes.set(checksum.algorithm, createHash(checksum.algorithm));
  }

  update(bytes: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(bytes);
  }

  /** The file has come to its end. @throws FAILED_PRECONDITION IMAGE_CHECKSUM_MISMATCH. */
  finish(name: string): void {
    for (const [algorithm, hash] of this.#hashes) this.#found.set(algorithm, hash.digest("hex"));
    if (this.#checksum === undefined) return;
    const { algorithm, hex } = this.#checksum;
    const found = this.#found.get(algorithm) ?? "";
    if (found !== hex) throw checksumMismatch(name, `${algorithm}:${hex}`, `${algorithm}:${found}`);
  }

  /** In lower-case hexadecimal; only after `finish`. */
  sha256(): string {
    const found = this.#found.get("sha256");
    if (found === undefined) throw new Error("the download has not come to its end");
    return found;
  }
}
