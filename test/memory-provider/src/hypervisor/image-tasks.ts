import { createHash } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { ChecksumAlgorithm, type UrlImage } from "@virtrigaud/proto";
import { Fault } from "../fault.ts";
import { importedBytes } from "../mapping/image-source.ts";
import type { Hypervisor } from "./hypervisor.ts";
import type { Task } from "./tasks.ts";

const algorithms: Readonly<Record<string, string>> = {
  [ChecksumAlgorithm.UNSPECIFIED]: "sha256",
  [ChecksumAlgorithm.SHA256]: "sha256",
  [ChecksumAlgorithm.SHA512]: "sha512",
  [ChecksumAlgorithm.SHA1]: "sha1",
  [ChecksumAlgorithm.MD5]: "md5",
};

/** Imports an image. Nothing is downloaded: the content of a URL is pretended to be the URL's own text. */
export function importImage(hypervisor: Hypervisor, image: UrlImage): Task {
  return hypervisor.tasks.start({
    description: "import image",
    cancellable: true,
    effect: () => {
      assertChecksum(image);
      const hash = digest("sha256", image.url);
      const value = {
        id: `image-${hash.slice(0, 12)}`,
        location: `memory:/images/${hash}`,
        digest: `sha256:${hash}`,
        sizeBytes: importedBytes,
      };
      hypervisor.images.set(image.url, value);
      return { $case: "preparedImage", value };
    },
  });
}

/** FAILED_PRECONDITION IMAGE_CHECKSUM_MISMATCH when a checksum is given and is not the content's. */
export function assertChecksum({ url, checksum, checksumAlgorithm }: UrlImage): void {
  const found = digest(algorithms[checksumAlgorithm] ?? "sha256", url);
  if (checksum === "" || checksum === found) return;
  const message = `the image's digest is ${found}, not ${checksum}; correct the checksum or the URL`;
  throw new Fault(status.FAILED_PRECONDITION, "IMAGE_CHECKSUM_MISMATCH", message);
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}
