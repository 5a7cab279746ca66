import {
  Feature,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
  Tristate,
  VMSpec,
} from "@virtrigaud/proto";
import type { FoundDomain } from "./found-domain.ts";
import { foundDisks } from "./found-disk-specs.ts";
import { foundInterfaces } from "./found-interfaces.ts";
import { isDedicated, isUefi, knobValue } from "./knobs.ts";
import { readMarker, readTags } from "./metadata.ts";
import { configured } from "./nested-status.ts";
import type { Settings } from "./settings.ts";
import { type Element, first, numberOf, textOf } from "./xml.ts";

const kib = 1024;

/**
 * A stored domain in the contract's words. Where several words lead to the same XML, what was asked (`asked`) tells which one it was;
 * reservations are held by the marker alone.
 */
export function foundSpec(found: FoundDomain, asked: VMSpec | undefined, settings: Settings): VMSpec {
  const { stored } = found;
  const uid = readMarker(stored)?.uid ?? "";
  const vcpu = first(stored, "vcpu");
  return VMSpec.fromPartial({
    name: textOf(stored, "name") ?? "",
    cpus: Number(vcpu?.attributes.current ?? vcpu?.text ?? 0),
    memoryBytes: (numberOf(stored, "memory") ?? 0) * kib,
    firmware: isUefi(stored) ? Firmware.UEFI : Firmware.BIOS,
    nestedVirtualization: { policy: foundPolicy(stored) },
    virtualizationBasedSecurity: unlessDefault(
      first(stored, "features", "hyperv") !== undefined,
      asked?.virtualizationBasedSecurity,
    ),
    cpuHotAdd: unlessDefault(vcpu?.attributes.current !== undefined, asked?.cpuHotAdd),
    memoryHotAdd: unlessDefault(first(stored, "maxMemory") !== undefined, asked?.memoryHotAdd),
    latencySensitivity: foundLatency(stored, asked),
    hyperThreadingPolicy: foundThreading(stored, asked),
    secureBoot: unlessDefault(knobValue(Feature.SECURE_BOOT, stored) !== undefined, asked?.secureBoot),
    tpm: foundTpm(stored),
    iommu: unlessDefault(first(stored, "devices", "iommu") !== undefined, asked?.iommu),
    cpuAllocation: cpuAllocation(stored, asked),
    memoryAllocation: memoryAllocation(stored, asked),
    disks: foundDisks(found, uid, asked, settings),
    networkInterfaces: foundInterfaces(stored, uid, asked),
    tags: readTags(stored),
    ...(asked?.placement === undefined ? {} : { placement: asked.placement }),
    ...(asked?.image === undefined ? {} : { image: asked.image }),
  });
}

function foundPolicy(domain: Element): NestedPolicy {
  switch (configured(domain).answer) {
    case Tristate.TRUE:
      return NestedPolicy.REQUIRED;
    case Tristate.FALSE:
      return NestedPolicy.DISABLED;
    default:
      return NestedPolicy.UNSPECIFIED;
  }
}

const unlessDefault = (isHeld: boolean, asked: boolean | undefined): boolean | undefined =>
  isHeld ? true : asked === undefined ? undefined : false;

function foundLatency(domain: Element, asked: VMSpec | undefined): LatencySensitivity {
  if (isDedicated(domain)) return LatencySensitivity.HIGH;
  const wish = asked?.latencySensitivity ?? LatencySensitivity.UNSPECIFIED;
  const isWeighed = first(domain, "cputune", "shares") !== undefined;
  if (wish === LatencySensitivity.LOW) return isWeighed ? wish : LatencySensitivity.UNSPECIFIED;
  return wish === LatencySensitivity.HIGH ? LatencySensitivity.UNSPECIFIED : wish;
}

function foundThreading(domain: Element, asked: VMSpec | undefined): HyperThreadingPolicy {
  const threads = first(domain, "cpu", "topology")?.attributes.threads;
  const isPinned = first(domain, "cputune", "vcpupin") !== undefined;
  const wish = asked?.hyperThreadingPolicy ?? HyperThreadingPolicy.UNSPECIFIED;
  if (threads === undefined)
    return wish === HyperThreadingPolicy.AUTO ? wish : HyperThreadingPolicy.UNSPECIFIED;
  if (wish === HyperThreadingPolicy.PREFER) return wish;
  if (threads === "1") return HyperThreadingPolicy.AVOID;
  return isPinned ? HyperThreadingPolicy.REQUIRE : HyperThreadingPolicy.PREFER;
}

function foundTpm(domain: Element): VMSpec["tpm"] {
  const tpm = first(domain, "devices", "tpm");
  if (tpm === undefined) return undefined;
  const isOld = first(tpm, "backend")?.attributes.version === "1.2";
  return { version: isOld ? TpmVersion.TPM_VERSION_1_2 : TpmVersion.TPM_VERSION_2_0 };
}

function cpuAllocation(domain: Element, asked: VMSpec | undefined): VMSpec["cpuAllocation"] {
  const { reservationMhz, limitMhz, shares } = asked?.cpuAllocation ?? {};
  const isBound = first(domain, "cputune", "global_quota") !== undefined;
  const weight = numberOf(domain, "cputune", "shares");
  const allocation = {
    reservationMhz,
    limitMhz: isBound ? limitMhz : undefined,
    shares: asked === undefined || shares !== undefined ? weight : undefined,
  };
  return Object.values(allocation).some(isSet) ? allocation : undefined;
}

function memoryAllocation(domain: Element, asked: VMSpec | undefined): VMSpec["memoryAllocation"] {
  const limit = numberOf(domain, "memtune", "hard_limit");
  const allocation = {
    reservationBytes: asked?.memoryAllocation?.reservationBytes,
    limitBytes: limit === undefined ? undefined : limit * kib,
  };
  return Object.values(allocation).some(isSet) ? allocation : undefined;
}

const isSet = (value: unknown): boolean => value !== undefined;
