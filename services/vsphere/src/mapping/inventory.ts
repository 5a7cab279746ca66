import type { CpuVendor } from "@virtrigaud/proto";
import type { NetworkReference } from "../vim/types.ts";

/** What a vCenter has apart from VMs, as far as placing and describing VMs needs it. */
export interface Inventory {
  datacenters: Datacenter[];
  folders: Folder[];
  computeResources: ComputeResource[];
  resourcePools: ResourcePool[];
  hosts: Host[];
  datastores: Datastore[];
  networks: Network[];
  /** Whether vCenter has a key provider, which a virtual TPM needs; undefined where it could not be read. */
  hasKeyProvider: boolean | undefined;
}

export interface Entity {
  /** Managed object id, unique per type. */
  id: string;
  /** As people write it, without vCenter's escapes. */
  name: string;
  /** Id of the datacenter that holds it. */
  datacenter: string | undefined;
}

export interface Datacenter extends Entity {
  vmFolder: string;
}

export interface Folder extends Entity {
  parent: string | undefined;
  holdsVms: boolean;
}

/** A cluster, or a host that stands alone. */
export interface ComputeResource extends Entity {
  rootPool: string;
  hosts: string[];
}

export interface ResourcePool extends Entity {
  computeResource: string;
}

export interface Host extends Entity {
  computeResource: string | undefined;
  /** Connected and not in maintenance mode. */
  available: boolean;
  version: string;
  vendor: CpuVendor;
  model: string;
  system: string;
  /** True when the host's own hardware is a virtual machine's. */
  isVirtual: boolean;
  threads: number;
  /** All cores together. */
  mhz: number;
  /** One core. */
  coreMhz: number;
  memoryBytes: number;
  memoryFreeBytes: number | undefined;
  /** Whether CPUID shows VT-x or AMD-V; undefined: the host does not tell. */
  cpuVirtualization: boolean | undefined;
  /** undefined: the host does not tell. */
  nestedHVSupported: boolean | undefined;
  datastores: string[];
  networks: string[];
}

export interface Datastore extends Entity {
  /** Reachable and not in maintenance mode. */
  accessible: boolean;
  freeBytes: number;
}

/** What a network card attaches to. */
export interface Network extends Entity {
  ref: NetworkReference;
  /** Distributed port groups only. */
  distributed?: { portgroupKey: string; switchName: string; switchUuid: string };
  /** NSX segments that are no distributed port group. */
  opaque?: { id: string; type: string };
  /** Uplink port groups carry no VMs. */
  uplink: boolean;
}
