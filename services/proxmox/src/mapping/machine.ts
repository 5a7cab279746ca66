import { Feature, Firmware, type VMSpec } from "@virtrigaud/proto";
import { decodeMachine, encodeMachine, isQ35 } from "./language/machine.ts";
import { minimumPve, atLeast } from "./versions.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/**
 * The machine: q35 for what needs PCI Express, which is UEFI guests, an IOMMU and devices of the host's; Proxmox VE's default for the
 * others. QEMU's Intel IOMMU is an emulation and works on AMD nodes too. Takes the effective spec.
 * @param existing the template's options; none for a blank VM.
 */
export function machine(spec: VMSpec, version: string, existing: VmConfig): Parameters {
  const found = decodeMachine(optionOf(existing, "machine") ?? "");
  const wantsQ35 = spec.iommu === true || spec.firmware === Firmware.UEFI || hasAssigned(spec);
  if (!wantsQ35) return {};
  // A version older than viommu is a violation already; this is what the plan shows then.
  const viommu = spec.iommu && atLeast(version, minimumPve[Feature.IOMMU] ?? "") ? "intel" : undefined;
  const type = isQ35(found) ? found.type : "q35";
  return { machine: encodeMachine({ ...found, type, viommu: viommu ?? found.viommu }) };
}

const hasAssigned = ({ networkInterfaces }: VMSpec): boolean =>
  networkInterfaces.some(({ sriovDevice }) => sriovDevice !== "");
