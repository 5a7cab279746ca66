/** The Proxmox VE versions that can be simulated. */
export const pveVersions = ["6.4", "7.4", "8.4", "9.2"] as const;
export type PveVersion = (typeof pveVersions)[number];

/** What decides between versions: each simulated one is the last of its major. */
export type Major = 6 | 7 | 8 | 9;

/** One Proxmox VE version and the parts it ships. */
export interface Release {
  readonly version: PveVersion;
  readonly major: Major;
  /** Version of pve-manager, what `GET /version` answers. */
  readonly manager: string;
  readonly qemu: string;
  readonly kernel: string;
}

const releases: Readonly<Record<PveVersion, Release>> = {
  "6.4": { version: "6.4", major: 6, manager: "6.4-15", qemu: "5.2.0", kernel: "5.4.203-1-pve" },
  "7.4": { version: "7.4", major: 7, manager: "7.4-16", qemu: "7.2.0", kernel: "5.15.107-2-pve" },
  "8.4": { version: "8.4", major: 8, manager: "8.4.5", qemu: "9.2.0", kernel: "6.8.12-11-pve" },
  "9.2": { version: "9.2", major: 9, manager: "9.2.11", qemu: "10.0.13", kernel: "6.17.13-4-pve" },
};

/** The release of a version. */
export function releaseOf(version: PveVersion): Release {
  return releases[version];
}
