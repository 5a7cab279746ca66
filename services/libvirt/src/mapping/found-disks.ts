import { decodeName, diskOfVolume } from "./names.ts";
import { all, type Element, first, textOf } from "./xml.ts";

/** The disks of a domain, CDs left out. */
export const diskDevices = (domain: Element): readonly Element[] =>
  all(domain, "devices", "disk").filter(({ attributes }) => (attributes.device ?? "disk") === "disk");

/** File of a disk device; "" when it has none. */
export const fileOf = (device: Element): string => first(device, "source")?.attributes.file ?? "";

/**
 * The contract's name of a disk: by the file that we made for it, by the serial that we gave it where a snapshot changed the file, else
 * libvirt's target.
 */
export function diskName(device: Element, uid: string): string {
  const serial = textOf(device, "serial") ?? "";
  return (
    diskOfVolume(uid, fileOf(device)) ?? decodeName(serial) ?? first(device, "target")?.attributes.dev ?? ""
  );
}

/** The device of a disk by its name. */
export const deviceOfDisk = (domain: Element, uid: string, name: string): Element | undefined =>
  diskDevices(domain).find((device) => diskName(device, uid) === name);
