import { CpuVendor } from "@virtrigaud/proto";
import type { Host, Inventory, Network } from "../mapping/inventory.ts";
import type { AboutInfo } from "../vim/types.ts";

const gib = 1024 ** 3;

/** A vCenter of this API version. */
export const about = (apiVersion = "8.0.2.0"): AboutInfo => ({
  name: "VMware vCenter Server",
  fullName: `VMware vCenter Server ${apiVersion}`,
  vendor: "VMware, Inc.",
  version: "8.0.2",
  build: "22617221",
  osType: "linux-x64",
  productLineId: "vpx",
  apiType: "VirtualCenter",
  apiVersion,
});

/** Host esx-N of cluster c1 in dc1, nested-capable, with 64 GiB of which N GiB are in use. */
export const host = (n: number, init: Partial<Host> = {}): Host => ({
  id: `host-${n}`,
  name: `esx-${n}`,
  datacenter: "datacenter-1",
  computeResource: "domain-1",
  available: true,
  version: "VMware ESXi 8.0.2",
  vendor: CpuVendor.INTEL,
  model: "Intel(R) Xeon(R) Gold 6240R CPU @ 2.40GHz",
  system: "Dell PowerEdge R740",
  isVirtual: false,
  threads: 16,
  mhz: 19_200,
  coreMhz: 2_400,
  memoryBytes: 64 * gib,
  memoryFreeBytes: (64 - n) * gib,
  cpuVirtualization: true,
  nestedHVSupported: true,
  datastores: ["datastore-1", "datastore-2"],
  networks: ["network-1", "dvportgroup-1"],
  ...init,
});

const standard: Network = {
  id: "network-1",
  name: "VM Network",
  datacenter: "datacenter-1",
  ref: { type: "Network", value: "network-1" },
  uplink: false,
};
const distributed: Network = {
  id: "dvportgroup-1",
  name: "lab",
  datacenter: "datacenter-1",
  ref: { type: "DistributedVirtualPortgroup", value: "dvportgroup-1" },
  uplink: false,
  distributed: { portgroupKey: "dvportgroup-1", switchName: "dvs-1", switchUuid: "50 3a 01" },
};

/** One datacenter, a cluster of two hosts, two datastores, a standard and a distributed port group, a key provider. */
export const inventory = (init: Partial<Inventory> = {}): Inventory => ({
  datacenters: [{ id: "datacenter-1", name: "dc1", datacenter: "datacenter-1", vmFolder: "group-v1" }],
  folders: [
    { id: "group-v1", name: "vm", datacenter: "datacenter-1", parent: "datacenter-1", holdsVms: true },
    { id: "group-v2", name: "labs", datacenter: "datacenter-1", parent: "group-v1", holdsVms: true },
  ],
  computeResources: [
    {
      id: "domain-1",
      name: "c1",
      datacenter: "datacenter-1",
      rootPool: "resgroup-1",
      hosts: ["host-1", "host-2"],
    },
  ],
  resourcePools: [
    { id: "resgroup-1", name: "Resources", datacenter: "datacenter-1", computeResource: "domain-1" },
    { id: "resgroup-2", name: "nested", datacenter: "datacenter-1", computeResource: "domain-1" },
  ],
  hosts: [host(1), host(2)],
  datastores: [
    {
      id: "datastore-1",
      name: "fast-ssd",
      datacenter: "datacenter-1",
      accessible: true,
      freeBytes: 500 * gib,
    },
    { id: "datastore-2", name: "bulk", datacenter: "datacenter-1", accessible: true, freeBytes: 900 * gib },
  ],
  networks: [standard, distributed],
  hasKeyProvider: true,
  ...init,
});
