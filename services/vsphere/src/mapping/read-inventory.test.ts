import { expect, test } from "@jest/globals";
import { CpuVendor } from "@virtrigaud/proto";
import type { ManagedObjectReference } from "../vim/types.ts";
import { type ObjectProperties, readInventory } from "./read-inventory.ts";

const ref = (type: string, value: string): ManagedObjectReference => ({ type, value });
const object = (
  type: string,
  value: string,
  parent: ManagedObjectReference | undefined,
  props: object,
): ObjectProperties => ({
  obj: ref(type, value),
  props: { ...(parent && { parent }), ...props },
});
const root = ref("Folder", "group-d1");
const dc = ref("Datacenter", "datacenter-1");
const cluster = ref("ClusterComputeResource", "domain-c1");
const ecx = (bits: number) => ({
  ecx: bits
    .toString(2)
    .padStart(32, "0")
    .replace(/(....)(?=.)/g, "$1:"),
});

const objects: ObjectProperties[] = [
  object("Folder", "group-d1", undefined, { name: "Datacenters", childType: ["Folder", "Datacenter"] }),
  object("Datacenter", "datacenter-1", root, { name: "lab%2f1", vmFolder: ref("Folder", "group-v1") }),
  object("Folder", "group-v1", dc, { name: "vm", childType: ["Folder", "VirtualMachine", "VirtualApp"] }),
  object("Folder", "group-h1", dc, { name: "host", childType: ["Folder", "ComputeResource"] }),
  object("ClusterComputeResource", "domain-c1", ref("Folder", "group-h1"), {
    name: "c1",
    resourcePool: ref("ResourcePool", "resgroup-1"),
    host: [ref("HostSystem", "host-1")],
  }),
  object("ComputeResource", "domain-s2", ref("Folder", "group-h1"), { name: "hidden" }),
  object("ResourcePool", "resgroup-1", cluster, { name: "Resources", owner: cluster }),
  object("VirtualApp", "resgroup-v2", ref("ResourcePool", "resgroup-1"), { name: "app", owner: cluster }),
  object("HostSystem", "host-1", cluster, {
    name: "esx-1",
    runtime: { connectionState: "connected", powerState: "poweredOn", inMaintenanceMode: false },
    summary: {
      config: { product: { fullName: "VMware ESXi 8.0.2" } },
      quickStats: { overallMemoryUsage: 1024 },
    },
    "hardware.cpuInfo": { numCpuPackages: 2, numCpuCores: 8, numCpuThreads: 16, hz: 2_399_999_999 },
    "hardware.cpuPkg": [
      {
        index: 0,
        vendor: "amd",
        hz: 2_400_000_000,
        description: " AMD EPYC ",
        cpuFeature: [
          { level: 1, ...ecx(0) },
          { level: -2147483647, ...ecx(1 << 2) },
        ],
      },
    ],
    "hardware.memorySize": 64 * 1024 ** 3,
    "hardware.systemInfo": { vendor: "VMware, Inc.", model: "VMware7,1 Virtual Platform", uuid: "u" },
    "capability.nestedHVSupported": true,
    datastore: [ref("Datastore", "datastore-1")],
    network: [ref("Network", "network-1")],
  }),
  object("HostSystem", "host-2", cluster, { name: "esx-2" }),
  object("Datastore", "datastore-1", ref("Folder", "group-s1"), {
    name: "ds",
    summary: { accessible: true, freeSpace: 7 },
  }),
  object("Datastore", "datastore-2", dc, {
    name: "m",
    summary: { accessible: true, freeSpace: 7, maintenanceMode: "inMaintenance" },
  }),
  object("Datastore", "datastore-3", dc, { name: "unreadable" }),
  object("Network", "network-1", dc, { name: "VM Network" }),
  object("VmwareDistributedVirtualSwitch", "dvs-1", dc, { name: "dvs", uuid: "50 3a" }),
  object("DistributedVirtualPortgroup", "dvportgroup-1", dc, {
    name: "lab",
    config: {
      key: "dvportgroup-1",
      name: "lab",
      distributedVirtualSwitch: ref("VmwareDistributedVirtualSwitch", "dvs-1"),
      uplink: true,
    },
  }),
  object("DistributedVirtualPortgroup", "dvportgroup-2", dc, {
    name: "of a switch that is hidden",
    config: { key: "2", name: "2" },
  }),
  object("OpaqueNetwork", "network-o3", dc, {
    name: "segment",
    summary: {
      $type: "OpaqueNetworkSummary",
      name: "segment",
      accessible: true,
      opaqueNetworkId: "b3",
      opaqueNetworkType: "nsx.LogicalSwitch",
    },
  }),
];

test("an inventory is decoded whole; what the account may not see is left out, not guessed", () => {
  const at = "datacenter-1";
  const blank = {
    available: false,
    version: "",
    vendor: CpuVendor.UNSPECIFIED,
    model: "",
    system: "",
    isVirtual: false,
    threads: 0,
    mhz: 0,
    coreMhz: 0,
    memoryBytes: 0,
    memoryFreeBytes: undefined,
    cpuVirtualization: undefined,
    nestedHVSupported: undefined,
    datastores: [],
    networks: [],
  };
  expect(readInventory(objects, undefined)).toEqual({
    datacenters: [{ id: at, name: "lab/1", datacenter: at, vmFolder: "group-v1" }],
    folders: [
      { id: "group-d1", name: "Datacenters", datacenter: undefined, parent: undefined, holdsVms: false },
      { id: "group-v1", name: "vm", datacenter: at, parent: at, holdsVms: true },
      { id: "group-h1", name: "host", datacenter: at, parent: at, holdsVms: false },
    ],
    computeResources: [
      { id: "domain-c1", name: "c1", datacenter: at, rootPool: "resgroup-1", hosts: ["host-1"] },
    ],
    resourcePools: [
      { id: "resgroup-1", name: "Resources", datacenter: at, computeResource: "domain-c1" },
      { id: "resgroup-v2", name: "app", datacenter: at, computeResource: "domain-c1" },
    ],
    hosts: [
      {
        id: "host-1",
        name: "esx-1",
        datacenter: at,
        computeResource: "domain-c1",
        available: true,
        version: "VMware ESXi 8.0.2",
        vendor: CpuVendor.AMD,
        model: "AMD EPYC",
        system: "VMware, Inc. VMware7,1 Virtual Platform",
        isVirtual: true,
        threads: 16,
        mhz: 19_199,
        coreMhz: 2_399,
        memoryBytes: 64 * 1024 ** 3,
        memoryFreeBytes: 63 * 1024 ** 3,
        cpuVirtualization: true,
        nestedHVSupported: true,
        datastores: ["datastore-1"],
        networks: ["network-1"],
      },
      { ...blank, id: "host-2", name: "esx-2", datacenter: at, computeResource: "domain-c1" },
    ],
    datastores: [
      { id: "datastore-1", name: "ds", datacenter: undefined, accessible: true, freeBytes: 7 },
      { id: "datastore-2", name: "m", datacenter: at, accessible: false, freeBytes: 7 },
      { id: "datastore-3", name: "unreadable", datacenter: at, accessible: false, freeBytes: 0 },
    ],
    networks: [
      {
        id: "network-1",
        name: "VM Network",
        datacenter: at,
        ref: ref("Network", "network-1"),
        uplink: false,
      },
      {
        id: "dvportgroup-1",
        name: "lab",
        datacenter: at,
        ref: ref("DistributedVirtualPortgroup", "dvportgroup-1"),
        uplink: true,
        distributed: { portgroupKey: "dvportgroup-1", switchName: "dvs", switchUuid: "50 3a" },
      },
      {
        id: "network-o3",
        name: "segment",
        datacenter: at,
        ref: ref("OpaqueNetwork", "network-o3"),
        uplink: false,
        opaque: { id: "b3", type: "nsx.LogicalSwitch" },
      },
    ],
    hasKeyProvider: undefined,
  });
});

test.each<[string, unknown[], boolean | undefined]>([
  ["VT-x", [{ level: 1, ...ecx(1 << 5) }], true],
  [
    "neither",
    [
      { level: 1, ...ecx(0) },
      { level: -2147483647, ...ecx(0) },
    ],
    false,
  ],
  ["no VT-x, and AMD-V is not told", [{ level: 1, ...ecx(0) }], undefined],
  ["nothing is told", [], undefined],
])("CPUID: %s", (_, cpuFeature, expected) => {
  const cpuPkg = [{ index: 0, vendor: "intel", hz: 1, description: "", cpuFeature }];
  const { hosts } = readInventory(
    [object("HostSystem", "host-1", cluster, { "hardware.cpuPkg": cpuPkg })],
    true,
  );
  expect(hosts[0]?.cpuVirtualization).toBe(expected);
});
