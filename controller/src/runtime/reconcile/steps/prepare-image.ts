import type { Actor } from "../actor.ts";
import type { Progress } from "../progress.ts";

/** Sees that the VM's image is there, together with all other VMs that wait for it. */
export async function prepareImage(
  progress: Progress,
  { key, connection, image, images, signal }: Actor,
): Promise<Progress> {
  if (image === undefined) return { ...progress, imageReady: true };
  const state = await images.ensure(key, connection, image);
  signal.throwIfAborted();
  switch (state.kind) {
    case "ready":
      return { ...progress, imageReady: true };
    case "preparing":
      return { ...progress, preparing: state.operation };
    case "failed":
      return { ...progress, failure: state.failure };
  }
}
