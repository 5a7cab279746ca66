import { Feature, Firmware, LatencySensitivity, NestedPolicy, VMSpec } from "@virtrigaud/proto";

/** A knob that nobody asked for and another one needs, with the sentence that says so. */
export interface Implied {
  feature: Feature;
  reason: string;
}

/** A spec with everything that it implies switched on. */
export interface EffectiveSpec {
  spec: VMSpec;
  implied: Implied[];
}

const because = (knob: string): string => `needed by ${knob}`;

/**
 * Switches on what other knobs need: VBS needs nested virtualization, secure boot and an IOMMU, secure boot and a TPM need UEFI.
 * A security flag's false means "not asked for", so it is overridden and said; a firmware of BIOS or a nested policy of
 * DISABLED is a contradiction and left alone, for {@link conflicts} to report.
 */
export function withImplied(asked: VMSpec): EffectiveSpec {
  const spec: VMSpec = { ...asked };
  const implied: Implied[] = [];
  const imply = (feature: Feature, knob: string) => implied.push({ feature, reason: because(knob) });

  if (spec.virtualizationBasedSecurity) {
    if (nestedPolicy(spec) === NestedPolicy.UNSPECIFIED) {
      spec.nestedVirtualization = { policy: NestedPolicy.REQUIRED };
      imply(Feature.NESTED_VIRTUALIZATION, "virtualizationBasedSecurity");
    }
    if (!spec.secureBoot) {
      spec.secureBoot = true;
      imply(Feature.SECURE_BOOT, "virtualizationBasedSecurity");
    }
    if (!spec.iommu) {
      spec.iommu = true;
      imply(Feature.IOMMU, "virtualizationBasedSecurity");
    }
  }
  if (spec.firmware === Firmware.UNSPECIFIED) {
    const knob = uefiNeededBy(spec);
    if (knob !== undefined) {
      spec.firmware = Firmware.UEFI;
      imply(Feature.FIRMWARE_UEFI, knob);
    }
  }
  return { spec, implied };
}

/** The first knob that needs UEFI firmware, by its manifest name. */
export function uefiNeededBy(spec: VMSpec): string | undefined {
  if (spec.virtualizationBasedSecurity) return "virtualizationBasedSecurity";
  if (spec.secureBoot) return "secureBoot";
  if (spec.tpm !== undefined) return "tpmEnabled";
  return undefined;
}

/** Whether a VM must have the host to itself, which needs full reservations. */
export const needsFullReservations = (spec: VMSpec): boolean =>
  spec.latencySensitivity === LatencySensitivity.HIGH;

export const nestedPolicy = (spec: VMSpec): NestedPolicy =>
  spec.nestedVirtualization?.policy ?? NestedPolicy.UNSPECIFIED;
