import { Feature } from "@virtrigaud/proto";
import { cloudInitVolume } from "./found-disks.ts";
import { cpuFlag, decodeCpu } from "./language/cpu.ts";
import { decodeEfiDisk } from "./language/efidisk.ts";
import { decodeHotplug } from "./language/hotplug.ts";
import { decodeMachine } from "./language/machine.ts";
import { decodeMemory } from "./language/memory.ts";
import { decodeTags } from "./language/tags.ts";
import { decodeTpmState } from "./language/tpmstate.ts";
import { isOwnerTag } from "./ownership.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

const mib = 2 ** 20;

/** How each knob of the VM as a whole reads in its options; undefined when they hold nothing about it. */
const readers: Partial<Record<Feature, (config: VmConfig) => string | undefined>> = {
  [Feature.CPU]: (config) => String(cpus(config)),
  [Feature.MEMORY]: (config) => `${decodeMemory(optionOf(config, "memory")) / mib} MiB`,
  [Feature.FIRMWARE_BIOS]: (config) => (isUefi(config) ? undefined : "seabios"),
  [Feature.FIRMWARE_UEFI]: (config) => (isUefi(config) ? "ovmf" : undefined),
  [Feature.NESTED_VIRTUALIZATION]: (config) => optionOf(config, "cpu"),
  [Feature.VIRTUALIZATION_BASED_SECURITY]: (config) =>
    hasVbs(config) ? `cpu=${optionOf(config, "cpu")}, ostype=${optionOf(config, "ostype")}` : undefined,
  [Feature.CPU_HOT_ADD]: (config) =>
    hotAdds(config, "cpu")
      ? `vcpus=${cpus(config)} of ${mostCpus(config)}, hotplug=cpu`
      : "hotplug without cpu",
  [Feature.MEMORY_HOT_ADD]: (config) =>
    hotAdds(config, "memory") ? "numa=1, hotplug=memory" : "hotplug without memory",
  [Feature.LATENCY_SENSITIVITY]: (config) => units(config) ?? "default",
  [Feature.HYPER_THREADING_POLICY]: () => "default",
  [Feature.SECURE_BOOT]: (config) => (hasSecureBoot(config) ? "pre-enrolled-keys=1" : undefined),
  [Feature.TPM]: tpmVersion,
  [Feature.IOMMU]: (config) => {
    const viommu = decodeMachine(optionOf(config, "machine") ?? "").viommu;
    return viommu && `viommu=${viommu}`;
  },
  [Feature.CPU_RESERVATION]: units,
  [Feature.CPU_LIMIT]: (config) => {
    const limit = optionOf(config, "cpulimit");
    return limit === undefined || Number(limit) === 0 ? undefined : `cpulimit=${Number(limit)}`;
  },
  [Feature.CPU_SHARES]: units,
  [Feature.MEMORY_RESERVATION]: (config) => {
    const balloon = optionOf(config, "balloon");
    return balloon && `balloon=${balloon}`;
  },
  [Feature.MEMORY_LIMIT]: (config) => `${decodeMemory(optionOf(config, "memory")) / mib} MiB`,
  [Feature.TAGS]: (config) => readTags(config).join(", ") || undefined,
  [Feature.CLOUD_INIT]: cloudInitVolume,
};

/** The native value of a knob in a VM's options, planned or stored. */
export const knobValue = (feature: Feature, config: VmConfig): string | undefined =>
  readers[feature]?.(config);

/** The CPUs that a VM starts with. */
export const cpus = (config: VmConfig): number => Number(optionOf(config, "vcpus") ?? mostCpus(config));

/** The CPUs that it can have. */
export const mostCpus = (config: VmConfig): number =>
  Number(optionOf(config, "sockets") ?? 1) * Number(optionOf(config, "cores") ?? 1);

export const isUefi = (config: VmConfig): boolean => optionOf(config, "bios") === "ovmf";

/** Whether what a kind of device is grown by can be added while the VM runs. Added memory needs NUMA. */
export const hotAdds = (config: VmConfig, kind: "cpu" | "memory"): boolean =>
  decodeHotplug(optionOf(config, "hotplug")).has(kind) &&
  (kind === "cpu" || optionOf(config, "numa") === "1");

/** Secure boot is on exactly when UEFI has the keys. */
export const hasSecureBoot = (config: VmConfig): boolean =>
  isUefi(config) && decodeEfiDisk(optionOf(config, "efidisk0") ?? "").preEnrolledKeys === true;

/** Proxmox VE's switches for what Windows needs: enlightenments by flag, and by the guest's kind. */
export const hasVbs = (config: VmConfig): boolean =>
  cpuFlag(decodeCpu(optionOf(config, "cpu") ?? ""), "hv-tlbflush") === true &&
  /^win1[01]$/.test(optionOf(config, "ostype") ?? "");

/** "v1.2" or "v2.0"; undefined without a TPM. */
export function tpmVersion(config: VmConfig): string | undefined {
  const tpm = optionOf(config, "tpmstate0");
  return tpm && (decodeTpmState(tpm).version ?? "v1.2");
}

/** The tags that are not ours. */
export const readTags = (config: VmConfig): string[] =>
  decodeTags(optionOf(config, "tags") ?? "").filter((tag) => !isOwnerTag(tag));

function units(config: VmConfig): string | undefined {
  const value = optionOf(config, "cpuunits");
  return value && `cpuunits=${value}`;
}
