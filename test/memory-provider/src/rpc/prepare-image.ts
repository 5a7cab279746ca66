import {
  type Advice,
  EnsureState,
  Feature,
  type Image,
  type PreparedImage,
  type PrepareImageRequest,
  type PrepareImageResponse,
} from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { invalid, notFound, refused } from "../fault.ts";
import { assertChecksum, importImage } from "../hypervisor/image-tasks.ts";
import { imageSource } from "../mapping/image-source.ts";
import { observeTask } from "../mapping/operation.ts";
import { check } from "../mapping/validate.ts";

/** PrepareImage: a template is looked up, a URL imported once. */
export function prepareImage(context: Context, request: PrepareImageRequest): PrepareImageResponse {
  const { hypervisor } = context;
  const { image, storageClass } = request;
  if (!image) throw invalid(check([["image", false, "is required"]]));
  assertStorageClass(hypervisor.storageClasses, storageClass);
  const source = imageSource(hypervisor, image);
  if (source.kind === "missing") throw missing(image);
  if (source.kind === "template") {
    if (!source.template) throw notFound(`template ${source.name}`);
    return complete(
      {
        id: `template-${source.name}`,
        location: `memory:/templates/${source.name}`,
        digest: "",
        sizeBytes: source.template.diskBytes,
      },
      [],
    );
  }
  const message = "without a checksum nobody knows what was downloaded; add checksum";
  const advice = source.image.checksum === "" ? [{ feature: Feature.IMAGE_PREPARE, message }] : [];
  const stored = hypervisor.images.get(source.image.url);
  if (stored) {
    assertChecksum(source.image);
    return complete(stored, advice);
  }
  const operation = observeTask(importImage(hypervisor, source.image));
  return { state: EnsureState.IN_PROGRESS, operation, image: undefined, advice };
}

function complete(image: PreparedImage, advice: Advice[]): PrepareImageResponse {
  return { state: EnsureState.COMPLETE, operation: undefined, image, advice };
}

function assertStorageClass(known: readonly string[], storageClass: string): void {
  if (storageClass === "" || known.includes(storageClass)) return;
  const description = `${storageClass} is not known; there are: ${known.join(", ")}`;
  throw refused([{ field: "storage_class", reason: "STORAGE_CLASS_UNKNOWN", description }]);
}

function missing({ name }: Image): Error {
  const description = `image ${name} has no source for this hypervisor; add url.url`;
  return refused([{ field: "image", reason: "IMAGE_SOURCE_MISSING", description }]);
}
