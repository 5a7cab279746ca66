import { type Owner, VMSpec } from "@virtrigaud/proto";
import type { OptionValue } from "../vim/types.ts";

/** Who owns a VM and what was last asked of it, as stamped into extraConfig. */
export interface Marker extends Owner {
  /** The canonical spec whose digest the fingerprint is; see Owner.spec_fingerprint. */
  canonicalSpec: string;
}

const keys = {
  uid: "virtrigaud.uid",
  specFingerprint: "virtrigaud.fingerprint",
  controllerId: "virtrigaud.controller",
  canonicalSpec: "virtrigaud.spec",
} as const;

/** The marker as extraConfig. An empty value means "remove the key" to vCenter, so it is left out. */
export function stampMarker(marker: Marker): OptionValue[] {
  return [
    { key: keys.uid, value: marker.uid },
    { key: keys.specFingerprint, value: marker.specFingerprint },
    { key: keys.controllerId, value: marker.controllerId },
    { key: keys.canonicalSpec, value: marker.canonicalSpec },
  ].filter(({ value }) => value !== "");
}

/** The marker of a VM; undefined when nobody owns it. */
export function readMarker(extraConfig: readonly OptionValue[]): Marker | undefined {
  const values = optionMap(extraConfig);
  const uid = values.get(keys.uid);
  if (uid === undefined || uid === "") return undefined;
  return {
    uid,
    specFingerprint: values.get(keys.specFingerprint) ?? "",
    controllerId: values.get(keys.controllerId) ?? "",
    canonicalSpec: values.get(keys.canonicalSpec) ?? "",
  };
}

/** The spec last asked for, without cloud_init; undefined when the marker holds none that can be read. */
export function requestedSpec(marker: Marker | undefined): VMSpec | undefined {
  if (marker === undefined || marker.canonicalSpec === "") return undefined;
  try {
    return VMSpec.fromJSON(JSON.parse(marker.canonicalSpec));
  } catch {
    // Anyone with access to the VM can edit its extraConfig; one broken marker must not hide all other VMs from a listing.
    return undefined;
  }
}

/** extraConfig as a map; of duplicate keys, which old servers keep, the last one counts. */
export const optionMap = (options: readonly OptionValue[]): Map<string, string> =>
  new Map(options.map(({ key, value }) => [key, String(value)]));
