import type { VirtualDeviceConfigSpec } from "./device.ts";
import type { OptionValue } from "./reference.ts";

/** Custom share counts need `level: "custom"`; for the named levels the server sets `shares`. */
export interface SharesInfo {
  shares: number;
  level: "low" | "normal" | "high" | "custom";
}

/** MHz for CPU, MB for memory; `limit` -1 is unlimited. */
export interface ResourceAllocationInfo {
  reservation?: number;
  expandableReservation?: boolean;
  limit?: number;
  shares?: SharesInfo;
  overheadLimit?: number;
}

/** `sensitivity` only with level "custom" (deprecated since 5.5). */
export interface LatencySensitivity {
  level: "low" | "normal" | "medium" | "high" | "custom";
  sensitivity?: number;
}

/** Datastore paths, e.g. "[datastore1] folder/vm.vmx". */
export interface VirtualMachineFileInfo {
  vmPathName?: string;
  snapshotDirectory?: string;
  suspendDirectory?: string;
  logDirectory?: string;
}

export interface VirtualMachineFlagInfo {
  enableLogging?: boolean;
  htSharing?: "any" | "none" | "internal";
  snapshotDisabled?: boolean;
  snapshotLocked?: boolean;
  diskUuidEnabled?: boolean;
  virtualMmuUsage?: string;
  virtualExecUsage?: string;
  /** Virtual Intel VT-d or AMD-Vi for the guest (API 6.7). */
  vvtdEnabled?: boolean;
  /** Virtualization based security (API 6.7). */
  vbsEnabled?: boolean;
}

/** Delays in milliseconds. */
export interface VirtualMachineBootOptions {
  bootDelay?: number;
  enterBIOSSetup?: boolean;
  efiSecureBootEnabled?: boolean;
  bootRetryEnabled?: boolean;
  bootRetryDelay?: number;
  networkBootProtocol?: string;
}

export interface ToolsConfigInfo {
  toolsVersion?: number;
  afterPowerOn?: boolean;
  afterResume?: boolean;
  beforeGuestStandby?: boolean;
  beforeGuestShutdown?: boolean;
  beforeGuestReboot?: boolean;
  toolsUpgradePolicy?: string;
  syncTimeWithHostAllowed?: boolean;
  syncTimeWithHost?: boolean;
}

/** The extension that owns the VM, as the vSphere Client shows it. */
export interface ManagedByInfo {
  extensionKey: string;
  type: string;
}

/** A storage policy by id, e.g. of vSAN or VMFS tags. */
export interface VirtualMachineDefinedProfileSpec {
  $type: "VirtualMachineDefinedProfileSpec";
  profileId: string;
}

/** "No policy" rather than "the default policy". */
export interface VirtualMachineEmptyProfileSpec {
  $type: "VirtualMachineEmptyProfileSpec";
}

export interface VirtualMachineDefaultProfileSpec {
  $type: "VirtualMachineDefaultProfileSpec";
}

export type VirtualMachineProfileSpec =
  | VirtualMachineDefinedProfileSpec
  | VirtualMachineEmptyProfileSpec
  | VirtualMachineDefaultProfileSpec;

/** The wanted configuration of a VM: on create the whole of it, on reconfigure only what changes. */
export interface VirtualMachineConfigSpec {
  changeVersion?: string;
  name?: string;
  /** Hardware version, "vmx-NN". */
  version?: string;
  /** The guest's SMBIOS UUID. */
  uuid?: string;
  /** vCenter's own identity of the VM. */
  instanceUuid?: string;
  guestId?: string;
  alternateGuestName?: string;
  annotation?: string;
  files?: VirtualMachineFileInfo;
  tools?: ToolsConfigInfo;
  flags?: VirtualMachineFlagInfo;
  numCPUs?: number;
  numCoresPerSocket?: number;
  memoryMB?: number;
  memoryHotAddEnabled?: boolean;
  cpuHotAddEnabled?: boolean;
  cpuHotRemoveEnabled?: boolean;
  deviceChange?: VirtualDeviceConfigSpec[];
  cpuAllocation?: ResourceAllocationInfo;
  memoryAllocation?: ResourceAllocationInfo;
  latencySensitivity?: LatencySensitivity;
  extraConfig?: OptionValue[];
  bootOptions?: VirtualMachineBootOptions;
  changeTrackingEnabled?: boolean;
  firmware?: "efi" | "bios";
  managedBy?: ManagedByInfo;
  memoryReservationLockedToMax?: boolean;
  /** Hardware-assisted virtualization for the guest (API 5.1). */
  nestedHVEnabled?: boolean;
  vPMCEnabled?: boolean;
  vmProfile?: VirtualMachineProfileSpec[];
  /** Threads per virtual core (API 8.0). */
  simultaneousThreads?: number;
}
