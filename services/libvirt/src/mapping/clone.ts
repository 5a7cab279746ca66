import type { CloneVMRequest, VMSpec } from "@virtrigaud/proto";
import { macOf } from "./applied-interfaces.ts";
import { diskDevices, diskName, fileOf } from "./found-disks.ts";
import { macFor } from "./mac-address.ts";
import { type Marker, metadata } from "./metadata.ts";
import { seedDisk } from "./disks.ts";
import { diskVolumeName, seedVolumeName } from "./names.ts";
import { withDiskFiles } from "./snapshots.ts";
import { el, type Element, first } from "./xml.ts";

/** A disk to copy: where its data is now and the volume that the clone will have. */
export interface CopiedDisk {
  disk: string;
  source: string;
  name: string;
}

/** What a clone shall be, in the contract's words: the source's spec with a name, place, addresses and first boot of its own. */
export const cloneSpec = (source: VMSpec, { name, placement, cloudInit }: CloneVMRequest): VMSpec => ({
  ...source,
  name,
  placement: placement ?? source.placement,
  cloudInit,
  // Two machines with one address would both be lost to the network.
  networkInterfaces: source.networkInterfaces.map((nic) => ({
    ...nic,
    macAddress: "",
    staticAddress: undefined,
  })),
});

/** The disks of a domain with the clone's volumes for them. A name that is too long for a file was refused when its disk was made. */
export const copiedDisks = (source: Element, sourceUid: string, uid: string): CopiedDisk[] =>
  diskDevices(source).map((device) => {
    const disk = diskName(device, sourceUid);
    return { disk, source: fileOf(device), name: diskVolumeName(uid, disk) ?? `${uid}-${disk}.qcow2` };
  });

export interface CloneInput {
  /** The source's stored definition, of now or of a snapshot. */
  source: Element;
  sourceUid: string;
  /** What was asked of the source. */
  sourceSpec: VMSpec;
  marker: Marker;
  spec: VMSpec;
  /** The source's files → the clone's. */
  files: ReadonlyMap<string, string>;
  /** Path of the clone's own cloud-init seed. */
  seed: string | undefined;
}

/**
 * The definition of a clone: everything that the source has, except what there can be only one of: identity, addresses of its own, the
 * firmware's variables, the seed.
 */
export function cloneDomain(input: CloneInput): Element {
  const { source, marker, spec, files } = input;
  const moved = withDiskFiles(source, files);
  const children = moved.children.map((child) => {
    switch (child.name) {
      case "uuid":
        return el("uuid", {}, marker.uid);
      case "name":
        return el("name", {}, spec.name);
      case "metadata":
        return metadata(marker, spec.tags);
      case "os":
        // A file of variables is one domain's alone; libvirt makes another from the template.
        return { ...child, children: child.children.filter(({ name }) => name !== "nvram") };
      case "devices":
        return { ...child, children: devices(child.children, input) };
      default:
        return child;
    }
  });
  return { ...moved, children };
}

function devices(held: readonly Element[], { sourceUid, sourceSpec, marker, seed }: CloneInput): Element[] {
  const macs = new Map(
    sourceSpec.networkInterfaces.map(({ name, macAddress }) => [
      macAddress.toLowerCase() || macFor(sourceUid, name),
      macFor(marker.uid, name),
    ]),
  );
  const own = held
    .filter((device) => !isSeed(device, sourceUid))
    .map((device) => (device.name === "interface" ? withMac(device, macs.get(macOf(device))) : device));
  return seed === undefined ? own : [...own, seedDisk(seed)];
}

/** libvirt makes up the address of an interface that nobody has named. */
function withMac(device: Element, address: string | undefined): Element {
  const others = device.children.filter(({ name }) => name !== "mac");
  return { ...device, children: address === undefined ? others : [el("mac", { address }), ...others] };
}

const isSeed = (device: Element, uid: string): boolean =>
  device.name === "disk" &&
  (first(device, "source")?.attributes.file ?? "").endsWith(`/${seedVolumeName(uid)}`);
