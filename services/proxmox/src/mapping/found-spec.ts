import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import {
  Firmware,
  HyperThreadingPolicy,
  NestedPolicy,
  TpmVersion,
  Tristate,
  VMSpec,
} from "@virtrigaud/proto";
import { configured, holdsPolicy } from "./configured.ts";
import { foundWeights, memoryAllocation } from "./found-allocations.ts";
import { foundDiskSpecs } from "./found-disk-specs.ts";
import { foundInterfaces } from "./found-interfaces.ts";
import type { Node } from "./inventory.ts";
import { cpus, hasSecureBoot, hasVbs, hotAdds, isUefi, readTags, tpmVersion } from "./knobs.ts";
import { decodeMachine } from "./language/machine.ts";
import { decodeMemory } from "./language/memory.ts";
import type { Settings } from "./settings.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

/** What a VM's options are read with. */
export interface SpecSight {
  /** What was asked for, with all that it implies; undefined for a VM that carries no request. */
  asked: VMSpec | undefined;
  uid: string;
  node: Node | undefined;
  settings: Settings;
}

/**
 * A VM's options in the contract's words. Where several words lead to the same options, what was asked tells which one it was; a word whose
 * options are not there is never repeated.
 */
export function foundSpec(config: VmConfig, sight: SpecSight): VMSpec {
  const { asked, node, settings } = sight;
  return VMSpec.fromPartial({
    name: optionOf(config, "name") ?? "",
    cpus: cpus(config),
    memoryBytes: decodeMemory(optionOf(config, "memory")),
    firmware: isUefi(config) ? Firmware.UEFI : Firmware.BIOS,
    nestedVirtualization: { policy: foundPolicy(config, asked) },
    virtualizationBasedSecurity: unlessDefault(hasVbs(config), asked?.virtualizationBasedSecurity),
    cpuHotAdd: unlessDefault(hotAdds(config, "cpu"), asked?.cpuHotAdd),
    memoryHotAdd: unlessDefault(hotAdds(config, "memory"), asked?.memoryHotAdd),
    hyperThreadingPolicy: foundThreading(asked),
    secureBoot: unlessDefault(hasSecureBoot(config), asked?.secureBoot),
    tpm: foundTpm(config, asked),
    iommu: unlessDefault(decodeMachine(optionOf(config, "machine") ?? "").viommu !== undefined, asked?.iommu),
    ...foundWeights(config, sight),
    memoryAllocation: memoryAllocation(config, asked),
    disks: foundDiskSpecs(config, asked, node, settings),
    networkInterfaces: foundInterfaces(config, sight),
    tags: foundTags(config, asked),
    extraConfig: foundOptions(config, asked),
    ...(asked?.placement === undefined ? {} : { placement: asked.placement }),
    ...(asked?.image === undefined ? {} : { image: asked.image }),
  });
}

function foundPolicy(config: VmConfig, asked: VMSpec | undefined): NestedPolicy {
  const wish = asked === undefined ? NestedPolicy.UNSPECIFIED : nestedPolicy(asked);
  if (wish !== NestedPolicy.UNSPECIFIED && holdsPolicy(wish, config)) return wish;
  return configured(config).answer === Tristate.TRUE ? NestedPolicy.REQUIRED : NestedPolicy.UNSPECIFIED;
}

const unlessDefault = (isHeld: boolean, asked: boolean | undefined): boolean | undefined =>
  isHeld ? true : asked === undefined ? undefined : false;

/** What Proxmox VE's scheduler does without being told; the other two are refused. */
function foundThreading(asked: VMSpec | undefined): HyperThreadingPolicy {
  const wish = asked?.hyperThreadingPolicy;
  return wish === HyperThreadingPolicy.AUTO || wish === HyperThreadingPolicy.PREFER
    ? wish
    : HyperThreadingPolicy.UNSPECIFIED;
}

function foundTpm(config: VmConfig, asked: VMSpec | undefined): VMSpec["tpm"] {
  const version = tpmVersion(config);
  if (version === undefined) return undefined;
  if (version === "v1.2") return { version: TpmVersion.TPM_VERSION_1_2 };
  const isDefault = asked?.tpm?.version === TpmVersion.TPM_VERSION_UNSPECIFIED;
  return { version: isDefault ? TpmVersion.TPM_VERSION_UNSPECIFIED : TpmVersion.TPM_VERSION_2_0 };
}

/** Proxmox VE keeps tags sorted and in lower case: those that were asked for are told as they were asked, then the others. */
function foundTags(config: VmConfig, asked: VMSpec | undefined): string[] {
  const held = readTags(config);
  const isHeld = (wish: string) => held.some((tag) => tag.toLowerCase() === wish.toLowerCase());
  const wishes = (asked?.tags ?? []).filter(isHeld);
  const others = held.filter((tag) => !wishes.some((wish) => wish.toLowerCase() === tag.toLowerCase()));
  return [...wishes, ...others];
}

/** Only the options that were asked for by name are the spec's; the others have words of their own. */
const foundOptions = (config: VmConfig, asked: VMSpec | undefined): VMSpec["extraConfig"] =>
  Object.fromEntries(
    Object.keys(asked?.extraConfig ?? {}).flatMap((key): [string, string][] => {
      const value = optionOf(config, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
