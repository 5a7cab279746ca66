import {
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
  type VMSpec,
} from "@virtrigaud/proto";
import type { Part } from "./sample-plan.ts";

const gib = 1024 ** 3;

/** For each row of the outcome table the least that asks for it. */
export const rowSpecs: Readonly<Record<string, Part<VMSpec>>> = {
  cpu: { cpus: 3 },
  memory: { memoryBytes: 6 * gib },
  "firmware-bios": { firmware: Firmware.BIOS },
  "firmware-uefi": { firmware: Firmware.UEFI },
  "cpu-hot-add": { cpuHotAdd: true },
  "cpu-hot-add-off": { cpuHotAdd: false },
  "memory-hot-add": { memoryHotAdd: true },
  "memory-hot-add-off": { memoryHotAdd: false },
  "nested-required": { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
  "nested-disabled": { nestedVirtualization: { policy: NestedPolicy.DISABLED } },
  vbs: { virtualizationBasedSecurity: true },
  "latency-low": { latencySensitivity: LatencySensitivity.LOW },
  "latency-normal": { latencySensitivity: LatencySensitivity.NORMAL },
  "latency-high": { latencySensitivity: LatencySensitivity.HIGH },
  "hyper-threading-auto": { hyperThreadingPolicy: HyperThreadingPolicy.AUTO },
  "hyper-threading-prefer": { hyperThreadingPolicy: HyperThreadingPolicy.PREFER },
  "hyper-threading-avoid": { hyperThreadingPolicy: HyperThreadingPolicy.AVOID },
  "hyper-threading-require": { hyperThreadingPolicy: HyperThreadingPolicy.REQUIRE },
  "secure-boot": { secureBoot: true },
  "tpm-2.0": { tpm: { version: TpmVersion.TPM_VERSION_2_0 } },
  "tpm-1.2": { tpm: { version: TpmVersion.TPM_VERSION_1_2 } },
  iommu: { iommu: true },
  "cpu-reservation": { cpuAllocation: { reservationMhz: 4000 } },
  "memory-reservation": { memoryAllocation: { reservationBytes: 2 * gib } },
  "cpu-limit": { cpuAllocation: { limitMhz: 1200 } },
  "memory-limit": { memoryAllocation: { limitBytes: 6 * gib } },
  "cpu-shares": { cpuAllocation: { shares: 8000 } },
  "cloud-init": { cloudInit: { userData: "#cloud-config\n", metaData: {} } },
  tags: { tags: ["team-b", "prod"] },
};
