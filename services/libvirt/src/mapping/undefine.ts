import { atLeast } from "./versions.ts";

/** virDomainUndefineFlagsValues, with the libvirt that first takes each; an older one refuses the whole call for it. */
const flags: readonly (readonly [bit: number, since: string])[] = [
  // MANAGED_SAVE, SNAPSHOTS_METADATA
  [1, "0.9.4"],
  [2, "0.9.5"],
  // NVRAM
  [4, "1.2.9"],
  // CHECKPOINTS_METADATA
  [16, "5.6.0"],
  // TPM
  [32, "8.9.0"],
];

/** Flags that have libvirt remove with a domain all that it keeps for it, as far as this version knows them. */
export const undefineFlags = (libvirtVersion: number): number =>
  flags.filter(([, since]) => atLeast(libvirtVersion, since)).reduce((sum, [bit]) => sum | bit, 0);
