import { Feature, type Image, type PrepareImageRequest, type VMSpec } from "@virtrigaud/proto";
import { parseDuration } from "../../api/duration.ts";
import type { Provider } from "../../api/provider.ts";
import type { VMImage } from "../../api/vm-image.ts";
import type { Obstacle } from "../../obstacle.ts";

/** An image that a provider has to fetch, or to look for, before it can make VMs from it. */
export interface ImageOrder {
  readonly request: PrepareImageRequest;
  /** Whether it has to be fetched where it is missing. */
  readonly imports: boolean;
  /** Time that it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Attempts in short order after the first one failed. */
  readonly retries: number;
}

const DEFAULT_TIMEOUT = "30m";
const DEFAULT_RETRIES = 3;

/** What to order for a VM; undefined when its image is a template, or when its provider prepares none. */
export function imageOrder(
  { image: translated, disks }: VMSpec,
  image: VMImage | undefined,
  { spec: { type } }: Provider,
  features: ReadonlySet<Feature>,
): ImageOrder | undefined {
  if (image === undefined || translated === undefined) return undefined;
  const origin = originOf(translated, type);
  if (!features.has(Feature.IMAGE_PREPARE) || origin === "template") return undefined;
  const { prepare = {}, source } = image.spec;
  return {
    request: { image: translated, storageClass: disks[0]?.storageClass ?? "" },
    imports: origin === "url",
    timeoutMs: parseDuration(prepare.timeout ?? source.http?.timeout ?? DEFAULT_TIMEOUT),
    retries: prepare.retries ?? DEFAULT_RETRIES,
  };
}

/** Why an image may not be ordered: its author wants it only where it is already, which nobody can tell of a URL. */
export function importObstacle(order: ImageOrder | undefined, image: VMImage | undefined): Obstacle[] {
  const { onMissing = "Import" } = image?.spec.prepare ?? {};
  if (order?.imports !== true || image === undefined || onMissing === "Import") return [];
  const message =
    `VMImage ${image.metadata.namespace}/${image.metadata.name} spec.prepare.onMissing: ${onMissing} is for images that exist by name; ` +
    "whether a provider has what a URL names shows only by importing it: use Import, or name a template or a path";
  return [{ reason: "UnsupportedField", message, final: true }];
}

type Origin = "template" | "file" | "url";

/** A provider takes the source of its own kind, whatever that is, and only without one the URL for everybody. */
function originOf(image: Image, type: Provider["spec"]["type"]): Origin {
  return ownOrigin(image, type) ?? (image.url === undefined ? "template" : "url");
}

function ownOrigin({ vsphere, libvirt, proxmox }: Image, type: Provider["spec"]["type"]): Origin | undefined {
  switch (type) {
    case "vsphere":
      if (vsphere?.templateName || vsphere?.contentLibraryItem) return "template";
      return vsphere?.ova && "url";
    case "libvirt":
      // A pool does not know of a file that somebody put into its directory until it is told to look.
      if (libvirt?.path) return "file";
      return libvirt?.url && "url";
    case "proxmox":
      return proxmox?.templateId !== undefined || proxmox?.templateName ? "template" : undefined;
    case "firecracker":
    case "qemu":
      return undefined;
  }
}
