import { DiskProvisioning } from "@virtrigaud/proto";
import type { VirtualDeviceConfigSpec, VirtualDisk, VirtualDiskFlatVer2BackingInfo } from "../vim/types.ts";

const kib = 1024;

/** Backing fields of a way to provision; empty leaves it to the datastore. */
export function provisioningFlags(
  kind: DiskProvisioning,
): Pick<VirtualDiskFlatVer2BackingInfo, "thinProvisioned" | "eagerlyScrub"> {
  switch (kind) {
    case DiskProvisioning.THIN:
      return { thinProvisioned: true };
    case DiskProvisioning.THICK:
      return { thinProvisioned: false, eagerlyScrub: false };
    case DiskProvisioning.EAGER_ZEROED:
      return { thinProvisioned: false, eagerlyScrub: true };
    default:
      return {};
  }
}

/** The storage policy of a disk, where one is asked for. */
export const policyProfile = (profileId: string | undefined): Pick<VirtualDeviceConfigSpec, "profile"> =>
  profileId === undefined ? {} : { profile: [{ $type: "VirtualMachineDefinedProfileSpec", profileId }] };

/** A disk's size; servers before 5.5 tell it in kilobytes only. */
export const diskBytes = ({ capacityInBytes, capacityInKB }: VirtualDisk): number =>
  capacityInBytes ?? capacityInKB * kib;

/** vim25 5.5 and later read bytes, older ones kilobytes. */
export const capacity = (bytes: number): Pick<VirtualDisk, "capacityInKB" | "capacityInBytes"> => ({
  capacityInKB: bytes / kib,
  capacityInBytes: bytes,
});
