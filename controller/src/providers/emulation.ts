import type { Resource } from "../api/kinds.ts";
import type { Provider } from "../api/provider.ts";
import type { VMClass } from "../api/vm-class.ts";
import type { VMImage } from "../api/vm-image.ts";
import type { StandInImages } from "./stand-in.ts";
import { onOneStorage } from "./stand-in-storage.ts";

/** The one storage pool of a private libvirtd. */
const POOL = "default";

/**
 * The Provider as a private libvirtd serves it: the endpoint is its own, every storage class is its only pool, and networks are left
 * out, for it has none. Machines are emulated, so that they show the same on every computer, whatever its KVM can do.
 */
export function emulatedProvider(provider: Provider, uri: string, resources: readonly Resource[]): Provider {
  const { defaults: _, runtime: __, ...spec } = provider.spec;
  return {
    ...provider,
    spec: {
      ...spec,
      endpoint: uri,
      accel: "tcg",
      storageClasses: onOneStorage(resources, { pool: POOL }),
    },
  };
}

/** What a VM of the class boots in place of an image: our own, for the class's firmware. */
export function standInImage(image: VMImage, { spec }: VMClass, { bios, uefi }: StandInImages): VMImage {
  const needsUefi =
    spec.firmware === "UEFI" ||
    spec.performanceProfile?.virtualizationBasedSecurity === true ||
    spec.securityProfile?.secureBoot === true ||
    spec.securityProfile?.tpmEnabled === true;
  return { ...image, spec: { source: { libvirt: { path: needsUefi ? uefi : bios, format: "qcow2" } } } };
}
