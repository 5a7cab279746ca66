import { parseQuantity } from "./quantity.ts";
import type { Rule } from "./rules.ts";
import type { VMClass } from "./vm-class.ts";

// Only an explicit BIOS contradicts: where firmware is absent, the provider picks UEFI for what needs it.
const needsUefi = (
  field: string,
  knob: string,
  asked: (spec: VMClass["spec"]) => boolean | undefined,
): Rule<VMClass> => ({
  name: `${knob.toLowerCase().replaceAll(" ", "-")}-needs-uefi`,
  field,
  reads: [field, "spec.firmware"],
  message: `${knob} needs UEFI firmware: set spec.firmware to UEFI or leave it out`,
  holds: ({ spec }) => asked(spec) !== true || spec.firmware !== "BIOS",
});

/** Rules of a VMClass. */
export const classRules: readonly Rule<VMClass>[] = [
  needsUefi("spec.securityProfile.tpmEnabled", "TPM", ({ securityProfile }) => securityProfile?.tpmEnabled),
  needsUefi(
    "spec.securityProfile.secureBoot",
    "Secure boot",
    ({ securityProfile }) => securityProfile?.secureBoot,
  ),
  needsUefi(
    "spec.performanceProfile.virtualizationBasedSecurity",
    "Virtualization-based security",
    ({ performanceProfile }) => performanceProfile?.virtualizationBasedSecurity,
  ),
  {
    name: "cpu-reservation-within-limit",
    field: "spec.resourceLimits.cpuReservation",
    reads: ["spec.resourceLimits.cpuReservation", "spec.resourceLimits.cpuLimit"],
    message: "the reservation must not exceed spec.resourceLimits.cpuLimit",
    holds: ({ spec: { resourceLimits } }) =>
      (resourceLimits?.cpuReservation ?? 0) <= (resourceLimits?.cpuLimit ?? Number.POSITIVE_INFINITY),
  },
  {
    name: "memory-reservation-within-limit",
    field: "spec.resourceLimits.memoryReservation",
    reads: ["spec.resourceLimits.memoryReservation", "spec.resourceLimits.memoryLimit"],
    message: "the reservation must not exceed spec.resourceLimits.memoryLimit",
    holds: ({ spec: { resourceLimits } }) =>
      bytes(resourceLimits?.memoryReservation, 0) <=
      bytes(resourceLimits?.memoryLimit, Number.POSITIVE_INFINITY),
  },
];

// A number is how YAML may spell a quantity; rules see the object before the schema made it text.
function bytes(quantity: string | undefined, absent: number): number {
  return quantity === undefined ? absent : parseQuantity(String(quantity));
}
