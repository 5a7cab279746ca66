import type { DiskVolume } from "./applied-disks.ts";
import type { ReportedInterface } from "./guest-interfaces.ts";
import type { Element } from "./xml.ts";

/** A domain as it was read, before it is put into the contract's words. */
export interface FoundDomain {
  /** The stored description: what the next start takes. */
  stored: Element;
  /** What runs; undefined when nothing does. */
  live: Element | undefined;
  /** virDomainState. */
  state: number;
  /** Whether its memory waits on disk for the next start. */
  hasManagedSave: boolean;
  /** Volumes of its disks, as far as they were read. */
  volumes: readonly DiskVolume[];
  /** Bulk statistics by libvirt's name of each. */
  stats: ReadonlyMap<string, number>;
  /** What is known of the guest's interfaces, the best source first: agent, leases, ARP. */
  interfaces: readonly ReportedInterface[];
}
