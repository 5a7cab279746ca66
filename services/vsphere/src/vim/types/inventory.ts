import type { TaskInfo } from "./fault.ts";
import type {
  HostCapability,
  HostHardwareInfo,
  HostListSummary,
  HostRuntimeInfo,
  ManagedEntityStatus,
} from "./host.ts";
import type { ManagedObjectReference, NetworkReference } from "./reference.ts";
import type {
  GuestInfo,
  VirtualMachineCapability,
  VirtualMachineConfigInfo,
  VirtualMachineRuntimeInfo,
  VirtualMachineSnapshotInfo,
  VirtualMachineSummary,
} from "./virtual-machine.ts";

export interface ManagedEntity {
  parent: ManagedObjectReference;
  overallStatus: ManagedEntityStatus;
  name: string;
  recentTask: ManagedObjectReference<"Task">[];
}

export interface VirtualMachine extends ManagedEntity {
  capability: VirtualMachineCapability;
  /** Unset while the VM is being created and when its files cannot be read. */
  config: VirtualMachineConfigInfo;
  environmentBrowser: ManagedObjectReference<"EnvironmentBrowser">;
  resourcePool: ManagedObjectReference<"ResourcePool">;
  runtime: VirtualMachineRuntimeInfo;
  guest: GuestInfo;
  summary: VirtualMachineSummary;
  datastore: ManagedObjectReference<"Datastore">[];
  network: NetworkReference[];
  snapshot: VirtualMachineSnapshotInfo;
}

export interface HostSystem extends ManagedEntity {
  runtime: HostRuntimeInfo;
  summary: HostListSummary;
  hardware: HostHardwareInfo;
  capability: HostCapability;
  vm: ManagedObjectReference<"VirtualMachine">[];
  datastore: ManagedObjectReference<"Datastore">[];
  network: NetworkReference[];
}

/** MHz for CPU, bytes for `totalMemory`, MB for `effectiveMemory`. */
export interface ComputeResourceSummary {
  totalCpu: number;
  totalMemory: number;
  numCpuCores: number;
  numCpuThreads: number;
  effectiveCpu: number;
  effectiveMemory: number;
  numHosts: number;
  numEffectiveHosts: number;
  overallStatus: ManagedEntityStatus;
}

/** A cluster (its references are of type ClusterComputeResource) or a host that stands alone. */
export interface ComputeResource extends ManagedEntity {
  resourcePool: ManagedObjectReference<"ResourcePool">;
  host: ManagedObjectReference<"HostSystem">[];
  datastore: ManagedObjectReference<"Datastore">[];
  network: NetworkReference[];
  summary: ComputeResourceSummary;
  environmentBrowser: ManagedObjectReference<"EnvironmentBrowser">;
}

/** Bytes; `type` is "VMFS", "NFS", "vsan"… */
export interface DatastoreSummary {
  datastore?: ManagedObjectReference<"Datastore">;
  name: string;
  url: string;
  capacity: number;
  freeSpace: number;
  uncommitted?: number;
  accessible: boolean;
  multipleHostAccess?: boolean;
  type: string;
  maintenanceMode?: string;
}

export interface HostMountInfo {
  accessMode: "readOnly" | "readWrite";
  mounted?: boolean;
  accessible?: boolean;
}

export interface DatastoreHostMount {
  key: ManagedObjectReference<"HostSystem">;
  mountInfo: HostMountInfo;
}

export interface Datastore extends ManagedEntity {
  summary: DatastoreSummary;
  host: DatastoreHostMount[];
  vm: ManagedObjectReference<"VirtualMachine">[];
}

export interface NetworkSummary {
  network?: ManagedObjectReference;
  name: string;
  accessible: boolean;
}

/** An NSX segment's summary. */
export interface OpaqueNetworkSummary extends NetworkSummary {
  $type: "OpaqueNetworkSummary";
  opaqueNetworkId: string;
  opaqueNetworkType: string;
}

/** Distributed port groups and opaque networks are networks too: the reference's type tells. */
export interface Network extends ManagedEntity {
  summary: NetworkSummary | OpaqueNetworkSummary;
  host: ManagedObjectReference<"HostSystem">[];
}

export interface DVPortgroupConfigInfo {
  key: string;
  name: string;
  distributedVirtualSwitch?: ManagedObjectReference;
  uplink?: boolean;
}

export interface DistributedVirtualPortgroup extends Network {
  key: string;
  config: DVPortgroupConfigInfo;
}

export interface DistributedVirtualSwitch extends ManagedEntity {
  uuid: string;
}

export interface Datacenter extends ManagedEntity {
  vmFolder: ManagedObjectReference<"Folder">;
  hostFolder: ManagedObjectReference<"Folder">;
  datastoreFolder: ManagedObjectReference<"Folder">;
  networkFolder: ManagedObjectReference<"Folder">;
}

export interface Folder extends ManagedEntity {
  childType: string[];
  childEntity: ManagedObjectReference[];
}

/** MHz for CPU, bytes for memory. */
export interface ResourcePoolResourceUsage {
  reservationUsed: number;
  unreservedForVm: number;
  overallUsage: number;
  maxUsage: number;
}

export interface ResourcePoolRuntimeInfo {
  memory: ResourcePoolResourceUsage;
  cpu: ResourcePoolResourceUsage;
}

export interface ResourcePool extends ManagedEntity {
  runtime: ResourcePoolRuntimeInfo;
  owner: ManagedObjectReference;
  resourcePool: ManagedObjectReference<"ResourcePool">[];
}

/** One key provider; a native one is of type "nativeProvider". */
export interface KmipClusterInfo {
  clusterId: { id: string };
  useAsDefault: boolean;
  managementType?: string;
}

export interface CryptoManagerKmip {
  kmipServers: KmipClusterInfo[];
}

export interface Task {
  info: TaskInfo;
}

/** Managed object type → its properties, as far as they are read. */
export interface ManagedObjects {
  ClusterComputeResource: ComputeResource;
  ComputeResource: ComputeResource;
  CryptoManagerKmip: CryptoManagerKmip;
  Datacenter: Datacenter;
  Datastore: Datastore;
  DistributedVirtualPortgroup: DistributedVirtualPortgroup;
  DistributedVirtualSwitch: DistributedVirtualSwitch;
  Folder: Folder;
  HostSystem: HostSystem;
  Network: Network;
  ResourcePool: ResourcePool;
  Task: Task;
  VirtualMachine: VirtualMachine;
}
