import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import {
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
  VMSpec,
} from "@virtrigaud/proto";
import type { ResourceAllocationInfo, VirtualMachineConfigInfo } from "../vim/types.ts";
import { foundDisks, foundNics } from "./found-devices.ts";
import type { Inventory } from "./inventory.ts";
import { optionMap } from "./ownership.ts";
import { annotationConfig } from "./tags.ts";
import { isTpm } from "./tpm.ts";

const mib = 1024 * 1024;

const latencies: Record<string, readonly LatencySensitivity[]> = {
  low: [LatencySensitivity.LOW],
  normal: [LatencySensitivity.UNSPECIFIED, LatencySensitivity.NORMAL],
  high: [LatencySensitivity.HIGH],
};
const sharings: Record<string, readonly HyperThreadingPolicy[]> = {
  any: [HyperThreadingPolicy.UNSPECIFIED, HyperThreadingPolicy.AUTO, HyperThreadingPolicy.PREFER],
  none: [HyperThreadingPolicy.AVOID],
  internal: [HyperThreadingPolicy.REQUIRE],
};

/**
 * A stored configuration in the contract's words. vCenter stores defaults as values, so where its value is the default ("normal", "any",
 * false), what was asked (`asked`) tells "asked for" from "never mentioned".
 */
export function foundSpec(
  name: string,
  config: VirtualMachineConfigInfo,
  asked: VMSpec | undefined,
  inventory: Inventory,
): VMSpec {
  const { hardware, flags } = config;
  const devices = hardware.device ?? [];
  return VMSpec.fromPartial({
    name,
    cpus: hardware.numCPU,
    memoryBytes: hardware.memoryMB * mib,
    firmware: config.firmware === "efi" ? Firmware.UEFI : Firmware.BIOS,
    nestedVirtualization: { policy: foundPolicy(config, asked) },
    virtualizationBasedSecurity: unlessDefault(flags.vbsEnabled, asked?.virtualizationBasedSecurity),
    cpuHotAdd: unlessDefault(config.cpuHotAddEnabled, asked?.cpuHotAdd),
    memoryHotAdd: unlessDefault(config.memoryHotAddEnabled, asked?.memoryHotAdd),
    latencySensitivity: asAsked(
      latencies[config.latencySensitivity?.level ?? ""],
      asked?.latencySensitivity,
      LatencySensitivity.UNSPECIFIED,
    ),
    hyperThreadingPolicy: asAsked(
      sharings[flags.htSharing ?? ""],
      asked?.hyperThreadingPolicy,
      HyperThreadingPolicy.UNSPECIFIED,
    ),
    secureBoot: unlessDefault(config.bootOptions?.efiSecureBootEnabled, asked?.secureBoot),
    tpm: devices.some(isTpm) ? { version: TpmVersion.TPM_VERSION_2_0 } : undefined,
    iommu: unlessDefault(flags.vvtdEnabled, asked?.iommu),
    cpuAllocation: cpuAllocation(config.cpuAllocation),
    memoryAllocation: memoryAllocation(config.memoryAllocation),
    disks: foundDisks(devices, asked),
    networkInterfaces: foundNics(devices, asked, inventory),
    tags: asked !== undefined && annotationConfig(asked).annotation === config.annotation ? asked.tags : [],
    extraConfig: foundOptions(config, asked),
    ...(asked?.placement === undefined ? {} : { placement: asked.placement }),
    ...(asked?.image === undefined ? {} : { image: asked.image }),
  });
}

function foundPolicy(config: VirtualMachineConfigInfo, asked: VMSpec | undefined): NestedPolicy {
  if (config.nestedHVEnabled) return NestedPolicy.REQUIRED;
  const wasDisabled = asked !== undefined && nestedPolicy(asked) === NestedPolicy.DISABLED;
  return wasDisabled ? NestedPolicy.DISABLED : NestedPolicy.UNSPECIFIED;
}

/** Of the contract's words for one native value the one that was asked for, else the first. */
const asAsked = <T>(meanings: readonly T[] | undefined, asked: T | undefined, unknown: T): T =>
  meanings?.find((meaning) => meaning === asked) ?? meanings?.[0] ?? unknown;

const unlessDefault = (stored: boolean | undefined, asked: boolean | undefined): boolean | undefined =>
  stored ? true : asked === undefined ? undefined : false;

function cpuAllocation(found: ResourceAllocationInfo | undefined): VMSpec["cpuAllocation"] {
  const { reservation, limit, shares } = found ?? {};
  const allocation = {
    reservationMhz: reservation || undefined,
    limitMhz: limit === -1 ? undefined : limit,
    shares: shares?.level === "custom" ? shares.shares : undefined,
  };
  return Object.values(allocation).some(isSet) ? allocation : undefined;
}

function memoryAllocation(found: ResourceAllocationInfo | undefined): VMSpec["memoryAllocation"] {
  const { reservation, limit } = found ?? {};
  const allocation = {
    reservationBytes: reservation ? reservation * mib : undefined,
    limitBytes: limit === undefined || limit === -1 ? undefined : limit * mib,
  };
  return Object.values(allocation).some(isSet) ? allocation : undefined;
}

const isSet = (value: unknown): boolean => value !== undefined;

/** vCenter keeps dozens of keys of its own; only those that were asked for are the spec's. */
function foundOptions({ extraConfig = [] }: VirtualMachineConfigInfo, asked: VMSpec | undefined) {
  const wanted = Object.keys(asked?.extraConfig ?? {});
  return Object.fromEntries([...optionMap(extraConfig)].filter(([key]) => wanted.includes(key)));
}
