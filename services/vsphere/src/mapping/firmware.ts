import { Firmware, type VMSpec } from "@virtrigaud/proto";
import type { VirtualMachineConfigSpec, VirtualMachineFlagInfo } from "../vim/types.ts";
import { htSharing } from "./compute.ts";

/** Firmware, secure boot, and the flags of IOMMU, VBS and hyper-threading. The TPM is a device, see tpm.ts. */
export function firmwareConfig(spec: VMSpec): VirtualMachineConfigSpec {
  const flags: VirtualMachineFlagInfo = {};
  const sharing = htSharing(spec.hyperThreadingPolicy);
  if (sharing !== undefined) flags.htSharing = sharing;
  if (spec.iommu) flags.vvtdEnabled = true;
  if (spec.virtualizationBasedSecurity) flags.vbsEnabled = true;
  return {
    ...firmware(spec),
    ...(spec.secureBoot ? { bootOptions: { efiSecureBootEnabled: true } } : {}),
    ...(Object.keys(flags).length > 0 ? { flags } : {}),
  };
}

function firmware(spec: VMSpec): VirtualMachineConfigSpec {
  switch (spec.firmware) {
    case Firmware.UEFI:
      return { firmware: "efi" };
    case Firmware.BIOS:
      return { firmware: "bios" };
    default:
      return {};
  }
}
