import type { LocalizableMessage } from "./fault.ts";
import type { ManagedObjectReference } from "./reference.ts";

/** Only what bears on placing VMs and nesting; a host reports well over a hundred capabilities. */
export interface HostCapability {
  maxSupportedVcpus?: number;
  tpmSupported?: boolean;
  tpmVersion?: string;
  /** Can host VMs that are hypervisors themselves (API 5.1). */
  nestedHVSupported: boolean;
  vPMCSupported?: boolean;
  latencySensitivitySupported?: boolean;
  storagePolicySupported?: boolean;
  cryptoSupported?: boolean;
  maxSupportedSimultaneousThreads?: number;
}

/** CPUID leaf; registers as "0110:…" strings of 32 bits, most significant first. */
export interface HostCpuIdInfo {
  level: number;
  vendor?: string;
  eax?: string;
  ebx?: string;
  ecx?: string;
  edx?: string;
}

export interface HostCpuInfo {
  numCpuPackages: number;
  numCpuCores: number;
  numCpuThreads: number;
  /** Per core. */
  hz: number;
}

/** `vendor` is "intel" or "amd". */
export interface HostCpuPackage {
  index: number;
  vendor: string;
  hz: number;
  description: string;
  cpuFeature?: HostCpuIdInfo[];
}

export interface HostSystemInfo {
  vendor: string;
  model: string;
  uuid: string;
}

export interface HostBIOSInfo {
  biosVersion?: string;
  vendor?: string;
  firmwareType?: string;
}

export interface HostHardwareInfo {
  systemInfo: HostSystemInfo;
  cpuInfo: HostCpuInfo;
  cpuPkg: HostCpuPackage[];
  /** Bytes. */
  memorySize: number;
  cpuFeature?: HostCpuIdInfo[];
  biosInfo?: HostBIOSInfo;
}

export interface HostHardwareSummary {
  vendor: string;
  model: string;
  uuid: string;
  /** Bytes. */
  memorySize: number;
  cpuModel: string;
  cpuMhz: number;
  numCpuPkgs: number;
  numCpuCores: number;
  numCpuThreads: number;
}

export interface HostProductInfo {
  name: string;
  fullName: string;
  vendor: string;
  version: string;
  build: string;
  apiVersion: string;
}

export interface HostConfigSummary {
  name: string;
  port: number;
  product?: HostProductInfo;
  vmotionEnabled: boolean;
}

/** MHz, MB, seconds. */
export interface HostListSummaryQuickStats {
  overallCpuUsage?: number;
  overallMemoryUsage?: number;
  uptime?: number;
}

export interface HostTpmAttestationInfo {
  time: string;
  status: "notAccepted" | "accepted";
  message?: LocalizableMessage;
}

export interface HostRuntimeInfo {
  connectionState: "connected" | "notResponding" | "disconnected";
  powerState: "poweredOn" | "poweredOff" | "standBy" | "unknown";
  inMaintenanceMode: boolean;
  inQuarantineMode?: boolean;
  bootTime?: string;
  cryptoState?: string;
}

export interface HostListSummary {
  host?: ManagedObjectReference<"HostSystem">;
  hardware?: HostHardwareSummary;
  runtime?: HostRuntimeInfo;
  config: HostConfigSummary;
  quickStats: HostListSummaryQuickStats;
  overallStatus: ManagedEntityStatus;
  rebootRequired: boolean;
  maxEVCModeKey?: string;
  currentEVCModeKey?: string;
  tpmAttestation?: HostTpmAttestationInfo;
}

export type ManagedEntityStatus = "gray" | "green" | "yellow" | "red";
