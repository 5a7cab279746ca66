import { type Advice, Feature, Firmware, type VMSpec } from "@virtrigaud/proto";
import { needsNesting } from "./nesting.ts";

const gib = 1024 ** 3;

/** What experience advises against in VMs that host VMs. Never a refusal. Takes the effective spec. */
export function nestedAdvice(spec: VMSpec): Advice[] {
  if (!needsNesting(spec)) return [];
  const advice: [boolean, Feature, string][] = [
    [spec.cpus < 4, Feature.CPU, `${spec.cpus} CPUs are few for a VM that hosts VMs; give it 4 or more`],
    [
      spec.memoryBytes < 8 * gib,
      Feature.MEMORY,
      "less than 8 GiB is little for a VM that hosts VMs; give it 8Gi or more",
    ],
    [spec.firmware !== Firmware.UEFI, Feature.FIRMWARE_BIOS, "prefer firmware: UEFI for a VM that hosts VMs"],
    [
      spec.secureBoot === true,
      Feature.SECURE_BOOT,
      "secure boot keeps some hypervisors in the guest from loading; leave it off unless they are signed",
    ],
    [
      spec.virtualizationBasedSecurity === true,
      Feature.VIRTUALIZATION_BASED_SECURITY,
      "VBS occupies the virtualization extensions; other hypervisors in the guest may not start",
    ],
    [
      spec.memoryAllocation?.reservationBytes === undefined,
      Feature.MEMORY_RESERVATION,
      "without memoryReservation the inner VMs stall when the host swaps; reserve at least half of the memory",
    ],
    [spec.iommu !== true, Feature.IOMMU, "without vtdEnabled the guest cannot pass devices on to its VMs"],
  ];
  return advice.filter(([applies]) => applies).map(([, feature, message]) => ({ feature, message }));
}
