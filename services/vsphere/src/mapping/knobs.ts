import { Feature } from "@virtrigaud/proto";
import type {
  VirtualDevice,
  VirtualHardware,
  VirtualMachineConfigInfo,
  VirtualMachineConfigSpec,
} from "../vim/types.ts";
import { optionMap } from "./ownership.ts";
import { isTpm } from "./tpm.ts";

/** The part of a stored configuration that knobs are read from. */
export type KnobSource = Omit<Partial<VirtualMachineConfigInfo>, "hardware" | "firmware"> & {
  firmware?: string;
  hardware: Partial<VirtualHardware>;
};

const onOff = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(value);
const withUnit = (value: number | undefined, unit: string): string | undefined =>
  value === undefined || value === -1 ? undefined : `${value} ${unit}`;

/** How each knob of the VM as a whole reads in a stored configuration; undefined when it holds nothing about it. */
const readers: Partial<Record<Feature, (config: KnobSource) => string | undefined>> = {
  [Feature.CPU]: ({ hardware }) => hardware.numCPU?.toString(),
  [Feature.MEMORY]: ({ hardware }) => withUnit(hardware.memoryMB, "MB"),
  [Feature.FIRMWARE_BIOS]: ({ firmware }) => firmware,
  [Feature.FIRMWARE_UEFI]: ({ firmware }) => firmware,
  [Feature.NESTED_VIRTUALIZATION]: ({ nestedHVEnabled }) => onOff(nestedHVEnabled),
  [Feature.VIRTUALIZATION_BASED_SECURITY]: ({ flags }) => onOff(flags?.vbsEnabled),
  [Feature.CPU_HOT_ADD]: ({ cpuHotAddEnabled }) => onOff(cpuHotAddEnabled),
  [Feature.MEMORY_HOT_ADD]: ({ memoryHotAddEnabled }) => onOff(memoryHotAddEnabled),
  [Feature.LATENCY_SENSITIVITY]: ({ latencySensitivity }) => latencySensitivity?.level,
  [Feature.HYPER_THREADING_POLICY]: ({ flags }) => flags?.htSharing,
  [Feature.SECURE_BOOT]: ({ bootOptions }) => onOff(bootOptions?.efiSecureBootEnabled),
  [Feature.TPM]: ({ hardware }) => ((hardware.device ?? []).some(isTpm) ? "present" : undefined),
  [Feature.IOMMU]: ({ flags }) => onOff(flags?.vvtdEnabled),
  [Feature.CPU_RESERVATION]: ({ cpuAllocation }) => withUnit(cpuAllocation?.reservation, "MHz"),
  [Feature.CPU_LIMIT]: ({ cpuAllocation }) => withUnit(cpuAllocation?.limit, "MHz"),
  [Feature.CPU_SHARES]: ({ cpuAllocation }) => cpuAllocation?.shares?.shares.toString(),
  [Feature.MEMORY_RESERVATION]: ({ memoryAllocation }) => withUnit(memoryAllocation?.reservation, "MB"),
  [Feature.MEMORY_LIMIT]: ({ memoryAllocation }) => withUnit(memoryAllocation?.limit, "MB"),
  [Feature.TAGS]: ({ annotation }) => annotation,
  [Feature.CLOUD_INIT]: ({ extraConfig }) =>
    optionMap(extraConfig ?? []).has("guestinfo.userdata") ? "present" : undefined,
};

/** The native value of a knob in a stored configuration. */
export const knobValue = (feature: Feature, config: KnobSource): string | undefined =>
  readers[feature]?.(config);

/** What a spec would be stored as, were it stored exactly: lets a plan be read like an observation. */
export function asStored(
  spec: VirtualMachineConfigSpec,
  existing: readonly VirtualDevice[] = [],
): KnobSource {
  const { numCPUs, memoryMB, deviceChange = [], ...rest } = spec;
  const keyed = new Map(existing.map((device) => [device.key, device]));
  for (const { operation, device } of deviceChange) {
    if (operation === "remove") keyed.delete(device.key);
    else keyed.set(device.key, device);
  }
  return {
    ...(rest as Omit<KnobSource, "hardware">),
    hardware: {
      ...(numCPUs === undefined ? {} : { numCPU: numCPUs }),
      ...(memoryMB === undefined ? {} : { memoryMB }),
      device: [...keyed.values()],
    },
  };
}
