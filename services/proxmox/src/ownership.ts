import { ProviderError, status } from "@virtrigaud/kit";
import type { ReadVm } from "./mapping/existing.ts";
import { decodeSmbios } from "./mapping/language/smbios.ts";
import { type Marker, readMarker } from "./mapping/ownership.ts";
import { optionOf } from "./mapping/vm-config.ts";

/** The marker of a VM; undefined when it bears none of its own. */
export const markerOf = ({ config, vmid }: ReadVm): Marker | undefined => readMarker(config.next, vmid);

/** Whether we made a VM for its owner: those bear the uid as their machine's UUID, adopted ones keep their own. */
export const isOurs = ({ name, config }: ReadVm, uid: string): boolean =>
  name === unfinishedName(uid) || decodeSmbios(optionOf(config.next, "smbios1") ?? "").uuid === uid;

export const notFound = (message: string): ProviderError =>
  new ProviderError({ code: status.NOT_FOUND, reason: "VM_NOT_FOUND", message });

/** Refuses a VM that was a uid's and bears another's marker or none. */
export function requireOwner(found: ReadVm, uid: string): void {
  const marker = markerOf(found);
  if (marker?.uid === uid) return;
  throw ownedByAnother(found, marker === undefined ? "no ownership marker" : `the marker of ${marker.uid}`);
}

export const ownedByAnother = ({ name, vmid }: Pick<ReadVm, "name" | "vmid">, what: string): ProviderError =>
  new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "OWNED_BY_ANOTHER",
    message: `VM ${vmid} ${name} has ${what} in its notes; it is not touched`,
  });

const imagePrefix = "image-";

/** Who owns the VM that an image is imported into, until it is a template: that is what the tag in the template's name says. */
export const imageOwner = (templateName: string): string => templateName.replace(/^vrtg-/, "");

/** Whether an owner is an image. */
export const isImage = (uid: string | undefined): boolean => uid?.startsWith(imagePrefix) ?? false;

/** The name of a clone until its own options are stored: nothing else of it tells its owner in a list. */
export const unfinishedName = (uid: string): string => `vrtg-${uid}`;

export const isUnfinishedName = (name: string): boolean =>
  /^vrtg-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
