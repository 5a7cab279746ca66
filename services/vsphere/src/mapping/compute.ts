import { needsFullReservations, nestedPolicy } from "@virtrigaud/kit/outcomes";
import { HyperThreadingPolicy, LatencySensitivity, NestedPolicy, type VMSpec } from "@virtrigaud/proto";
import type { ResourceAllocationInfo, VirtualMachineConfigSpec } from "../vim/types.ts";

const mib = 1024 * 1024;

/** CPUs, memory, hot-add, scheduling and nested virtualization. Units of vim25: MHz and MB. */
export function computeConfig(spec: VMSpec): VirtualMachineConfigSpec {
  return {
    numCPUs: spec.cpus,
    memoryMB: spec.memoryBytes / mib,
    ...(spec.cpuHotAdd === undefined ? {} : { cpuHotAddEnabled: spec.cpuHotAdd }),
    ...(spec.memoryHotAdd === undefined ? {} : { memoryHotAddEnabled: spec.memoryHotAdd }),
    ...allocations(spec),
    ...latency(spec),
    ...nested(spec),
  };
}

function nested(spec: VMSpec): VirtualMachineConfigSpec {
  switch (nestedPolicy(spec)) {
    case NestedPolicy.REQUIRED:
      return { nestedHVEnabled: true };
    case NestedPolicy.DISABLED:
      return { nestedHVEnabled: false };
    default:
      return {};
  }
}

const latencyLevels = {
  [LatencySensitivity.LOW]: "low",
  [LatencySensitivity.NORMAL]: "normal",
  [LatencySensitivity.HIGH]: "high",
} as const;

function latency(spec: VMSpec): VirtualMachineConfigSpec {
  const level = latencyLevels[spec.latencySensitivity as keyof typeof latencyLevels];
  if (level === undefined) return {};
  return {
    latencySensitivity: { level },
    // High is honoured only with all of the memory reserved, also as it grows.
    ...(needsFullReservations(spec) ? { memoryReservationLockedToMax: true } : {}),
  };
}

function allocations(spec: VMSpec): VirtualMachineConfigSpec {
  const cpu: ResourceAllocationInfo = {};
  if (spec.cpuAllocation?.reservationMhz !== undefined) cpu.reservation = spec.cpuAllocation.reservationMhz;
  if (spec.cpuAllocation?.limitMhz !== undefined) cpu.limit = spec.cpuAllocation.limitMhz;
  if (spec.cpuAllocation?.shares !== undefined)
    cpu.shares = { shares: spec.cpuAllocation.shares, level: "custom" };
  const memory: ResourceAllocationInfo = {};
  if (spec.memoryAllocation?.reservationBytes !== undefined)
    memory.reservation = Math.ceil(spec.memoryAllocation.reservationBytes / mib);
  if (spec.memoryAllocation?.limitBytes !== undefined)
    memory.limit = Math.floor(spec.memoryAllocation.limitBytes / mib);
  return {
    ...(Object.keys(cpu).length > 0 ? { cpuAllocation: cpu } : {}),
    ...(Object.keys(memory).length > 0 ? { memoryAllocation: memory } : {}),
  };
}

const sharing = {
  [HyperThreadingPolicy.AUTO]: "any",
  [HyperThreadingPolicy.PREFER]: "any",
  [HyperThreadingPolicy.AVOID]: "none",
  [HyperThreadingPolicy.REQUIRE]: "internal",
} as const;

/** The native value of a hyper-threading policy; undefined when none is asked for. */
export const htSharing = (policy: HyperThreadingPolicy): "any" | "none" | "internal" | undefined =>
  sharing[policy as keyof typeof sharing];
