import type {
  LatencySensitivity,
  ManagedByInfo,
  ResourceAllocationInfo,
  ToolsConfigInfo,
  VirtualMachineBootOptions,
  VirtualMachineFileInfo,
  VirtualMachineFlagInfo,
} from "./config.ts";
import type { VirtualDevice } from "./device.ts";
import type { ManagedEntityStatus } from "./host.ts";
import type { ManagedObjectReference, OptionValue } from "./reference.ts";

export interface VirtualHardware {
  numCPU: number;
  numCoresPerSocket?: number;
  autoCoresPerSocket?: boolean;
  memoryMB: number;
  device?: VirtualDevice[];
  motherboardLayout?: string;
  simultaneousThreads?: number;
}

/** The stored configuration: what the hypervisor really kept of a VirtualMachineConfigSpec. */
export interface VirtualMachineConfigInfo {
  changeVersion: string;
  modified: string;
  name: string;
  guestFullName: string;
  version: string;
  uuid: string;
  createDate?: string;
  instanceUuid?: string;
  template: boolean;
  guestId: string;
  annotation?: string;
  files: VirtualMachineFileInfo;
  tools?: ToolsConfigInfo;
  flags: VirtualMachineFlagInfo;
  hardware: VirtualHardware;
  cpuAllocation?: ResourceAllocationInfo;
  memoryAllocation?: ResourceAllocationInfo;
  latencySensitivity?: LatencySensitivity;
  memoryHotAddEnabled?: boolean;
  cpuHotAddEnabled?: boolean;
  cpuHotRemoveEnabled?: boolean;
  hotPlugMemoryLimit?: number;
  hotPlugMemoryIncrementSize?: number;
  extraConfig?: OptionValue[];
  bootOptions?: VirtualMachineBootOptions;
  changeTrackingEnabled?: boolean;
  firmware?: string;
  managedBy?: ManagedByInfo;
  memoryReservationLockedToMax?: boolean;
  nestedHVEnabled?: boolean;
  vPMCEnabled?: boolean;
}

export type VirtualMachinePowerState = "poweredOff" | "poweredOn" | "suspended";

export interface VirtualMachineRuntimeInfo {
  host?: ManagedObjectReference<"HostSystem">;
  connectionState: "connected" | "disconnected" | "orphaned" | "inaccessible" | "invalid";
  powerState: VirtualMachinePowerState;
  suspendTime?: string;
  bootTime?: string;
  question?: VirtualMachineQuestionInfo;
  /** MHz and MB. */
  maxCpuUsage?: number;
  maxMemoryUsage?: number;
  cleanPowerOff?: boolean;
  consolidationNeeded?: boolean;
  cryptoState?: string;
}

/** The VM is stopped until someone answers. */
export interface VirtualMachineQuestionInfo {
  id: string;
  text: string;
}

/** MHz and MB except where named. */
export interface VirtualMachineQuickStats {
  overallCpuUsage?: number;
  guestMemoryUsage?: number;
  hostMemoryUsage?: number;
  guestHeartbeatStatus: ManagedEntityStatus;
  uptimeSeconds?: number;
}

export interface VirtualMachineConfigSummary {
  name: string;
  template: boolean;
  vmPathName: string;
  memorySizeMB?: number;
  numCpu?: number;
  uuid?: string;
  instanceUuid?: string;
  guestId?: string;
  guestFullName?: string;
  annotation?: string;
  managedBy?: ManagedByInfo;
  tpmPresent?: boolean;
  hwVersion?: string;
}

/** Bytes. */
export interface VirtualMachineStorageSummary {
  committed: number;
  uncommitted: number;
  unshared: number;
  timestamp: string;
}

export interface VirtualMachineGuestSummary {
  guestId?: string;
  toolsVersionStatus2?: string;
  toolsRunningStatus?: string;
  hostName?: string;
  ipAddress?: string;
}

export interface VirtualMachineSummary {
  vm?: ManagedObjectReference<"VirtualMachine">;
  runtime: VirtualMachineRuntimeInfo;
  guest?: VirtualMachineGuestSummary;
  config: VirtualMachineConfigSummary;
  storage?: VirtualMachineStorageSummary;
  quickStats: VirtualMachineQuickStats;
  overallStatus: ManagedEntityStatus;
}

export interface NetIpConfigInfoIpAddress {
  ipAddress: string;
  prefixLength: number;
  origin?: string;
  state?: string;
}

export interface NetIpConfigInfo {
  ipAddress?: NetIpConfigInfoIpAddress[];
}

/** One card as the guest's tools see it; `deviceConfigId` is the device key, -1 for none. */
export interface GuestNicInfo {
  network?: string;
  ipAddress?: string[];
  macAddress?: string;
  connected: boolean;
  deviceConfigId: number;
  ipConfig?: NetIpConfigInfo;
}

/** What VMware Tools in the guest report. */
export interface GuestInfo {
  toolsStatus?: string;
  toolsVersionStatus2?: string;
  toolsRunningStatus?: string;
  toolsVersion?: string;
  guestId?: string;
  guestFamily?: string;
  guestFullName?: string;
  hostName?: string;
  ipAddress?: string;
  net?: GuestNicInfo[];
  guestState: string;
  guestOperationsReady?: boolean;
  guestStateChangeSupported?: boolean;
}

export interface VirtualMachineSnapshotTree {
  snapshot: ManagedObjectReference<"VirtualMachineSnapshot">;
  vm: ManagedObjectReference<"VirtualMachine">;
  name: string;
  description: string;
  id: number;
  createTime: string;
  state: VirtualMachinePowerState;
  quiesced: boolean;
  childSnapshotList?: VirtualMachineSnapshotTree[];
}

export interface VirtualMachineSnapshotInfo {
  currentSnapshot?: ManagedObjectReference<"VirtualMachineSnapshot">;
  rootSnapshotList: VirtualMachineSnapshotTree[];
}

/** What this VM, as configured and where it is, can do. */
export interface VirtualMachineCapability {
  nestedHVSupported?: boolean;
  vPMCSupported?: boolean;
  secureBootSupported?: boolean;
}

export interface EnvironmentBrowserConfigOptionQuerySpec {
  /** Hardware version, e.g. "vmx-19"; absent asks for the default. */
  key?: string;
  host?: ManagedObjectReference<"HostSystem">;
  guestId?: string[];
}

export interface GuestOsDescriptor {
  id: string;
  family: string;
  fullName: string;
  supportedMaxCPUs: number;
  supportedMaxMemMB: number;
  supportsMemoryHotAdd: boolean;
  supportsCpuHotAdd: boolean;
  supportedFirmware: string[];
  recommendedFirmware: string;
  supportsSecureBoot?: boolean;
  supportsTPM20?: boolean;
}

/** What a host or cluster offers at one hardware version. */
export interface VirtualMachineConfigOption {
  version: string;
  description: string;
  guestOSDescriptor?: GuestOsDescriptor[];
  capabilities: VirtualMachineCapability;
}
