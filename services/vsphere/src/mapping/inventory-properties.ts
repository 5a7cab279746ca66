/** Which properties the decoding of an inventory needs, by managed object type; one read brings them all. */
export const inventoryProperties = {
  Datacenter: ["name", "parent", "vmFolder"],
  Folder: ["name", "parent", "childType"],
  ComputeResource: ["name", "parent", "resourcePool", "host"],
  ResourcePool: ["name", "parent", "owner"],
  HostSystem: [
    "name",
    "parent",
    "runtime",
    "summary",
    "hardware.cpuInfo",
    "hardware.cpuPkg",
    "hardware.memorySize",
    "hardware.systemInfo",
    "capability.nestedHVSupported",
    "datastore",
    "network",
  ],
  Datastore: ["name", "parent", "summary"],
  Network: ["name", "parent", "summary"],
  DistributedVirtualPortgroup: ["name", "parent", "config"],
  DistributedVirtualSwitch: ["name", "parent", "uuid"],
} as const;
