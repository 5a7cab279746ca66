import { invalidArgument, type UnaryHandler, violation } from "@virtrigaud/kit";
import type { Host } from "../host.ts";
import { ensureImage } from "../images/ensure-image.ts";

/** One step of the resumable ensure: look, and start or join the import that is due. */
export const prepareImage =
  (host: Host): UnaryHandler<"prepareImage"> =>
  async ({ image, storageClass }, { signal }) => {
    if (image === undefined) throw invalidArgument([violation("image", "REQUIRED", "an image is needed")]);
    return ensureImage(host, { image, storageClass }, { signal });
  };
