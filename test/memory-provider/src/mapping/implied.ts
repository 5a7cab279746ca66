import {
  Feature,
  Firmware,
  LatencySensitivity,
  MemoryAllocation,
  NestedPolicy,
  ResourceAllocation,
  type VMSpec,
} from "@virtrigaud/proto";

/** MHz of one hardware thread of every scripted host. */
export const threadMhz = 2_400;

/** A spec with everything that its knobs imply, and why. */
export interface Implied {
  readonly spec: VMSpec;
  /** Reason by feature, for each knob that was not asked for and is now on. */
  readonly reasons: ReadonlyMap<Feature, string>;
}

/** Switches on what the knobs asked for need: VBS its security features, secure boot UEFI, low latency full reservations. */
export function withImplied(spec: VMSpec): Implied {
  const reasons = new Map<Feature, string>();
  const result = { ...spec };
  if (spec.virtualizationBasedSecurity) {
    const why = "virtualization_based_security needs it";
    if (!spec.secureBoot) reasons.set(Feature.SECURE_BOOT, why);
    if (!spec.iommu) reasons.set(Feature.IOMMU, why);
    if (policyOf(spec) === NestedPolicy.UNSPECIFIED) {
      reasons.set(Feature.NESTED_VIRTUALIZATION, why);
      result.nestedVirtualization = { policy: NestedPolicy.REQUIRED };
    }
    Object.assign(result, { secureBoot: true, iommu: true });
  }
  if (result.secureBoot && spec.firmware === Firmware.UNSPECIFIED) {
    reasons.set(Feature.FIRMWARE_UEFI, "secure boot needs it");
    result.firmware = Firmware.UEFI;
  }
  if (spec.latencySensitivity === LatencySensitivity.HIGH) reserveAll(spec, result, reasons);
  return { spec: result, reasons };
}

/** The nested policy of a spec; a missing message is UNSPECIFIED. */
export function policyOf(spec: VMSpec): NestedPolicy {
  return spec.nestedVirtualization?.policy ?? NestedPolicy.UNSPECIFIED;
}

function reserveAll(spec: VMSpec, result: VMSpec, reasons: Map<Feature, string>): void {
  const why = "latency_sensitivity HIGH needs full reservations";
  if (spec.cpuAllocation?.reservationMhz === undefined) {
    reasons.set(Feature.CPU_RESERVATION, why);
    const reservationMhz = spec.cpus * threadMhz;
    result.cpuAllocation = ResourceAllocation.fromPartial({ ...spec.cpuAllocation, reservationMhz });
  }
  if (spec.memoryAllocation?.reservationBytes === undefined) {
    reasons.set(Feature.MEMORY_RESERVATION, why);
    const reservationBytes = spec.memoryBytes;
    result.memoryAllocation = MemoryAllocation.fromPartial({ ...spec.memoryAllocation, reservationBytes });
  }
}
