import { define, extend, type TypeDef } from "../type-def.ts";
import type * as vim from "../types.ts";

/** What is read of clusters, datastores, networks, pools and key providers. */
export const inventoryTypes: Record<string, TypeDef> = {
  ComputeResourceSummary: define<vim.ComputeResourceSummary>({
    totalCpu: "int",
    totalMemory: "long",
    numCpuCores: "short",
    numCpuThreads: "short",
    effectiveCpu: "int",
    effectiveMemory: "long",
    numHosts: "int",
    numEffectiveHosts: "int",
    overallStatus: "string",
  }),
  ClusterComputeResourceSummary: { base: "ComputeResourceSummary", fields: {} },
  DatastoreSummary: define<vim.DatastoreSummary>({
    datastore: "ManagedObjectReference",
    name: "string",
    url: "string",
    capacity: "long",
    freeSpace: "long",
    uncommitted: "long",
    accessible: "boolean",
    multipleHostAccess: "boolean",
    type: "string",
    maintenanceMode: "string",
  }),
  DatastoreHostMount: define<vim.DatastoreHostMount>({
    key: "ManagedObjectReference",
    mountInfo: "HostMountInfo",
  }),
  HostMountInfo: define<vim.HostMountInfo>({
    accessMode: "string",
    mounted: "boolean",
    accessible: "boolean",
  }),
  NetworkSummary: define<vim.NetworkSummary>({
    network: "ManagedObjectReference",
    name: "string",
    accessible: "boolean",
  }),
  OpaqueNetworkSummary: extend<vim.OpaqueNetworkSummary, vim.NetworkSummary>("NetworkSummary", {
    opaqueNetworkId: "string",
    opaqueNetworkType: "string",
  }),
  DVPortgroupConfigInfo: define<vim.DVPortgroupConfigInfo>({
    key: "string",
    name: "string",
    distributedVirtualSwitch: "ManagedObjectReference",
    uplink: "boolean",
  }),
  ResourcePoolRuntimeInfo: define<vim.ResourcePoolRuntimeInfo>({
    memory: "ResourcePoolResourceUsage",
    cpu: "ResourcePoolResourceUsage",
  }),
  ResourcePoolResourceUsage: define<vim.ResourcePoolResourceUsage>({
    reservationUsed: "long",
    unreservedForVm: "long",
    overallUsage: "long",
    maxUsage: "long",
  }),
  KmipClusterInfo: define<vim.KmipClusterInfo>({
    clusterId: "KeyProviderId",
    useAsDefault: "boolean",
    managementType: "string",
  }),
  KeyProviderId: define<vim.KmipClusterInfo["clusterId"]>({ id: "string" }),
};
