import { Feature, NestedPolicy } from "@virtrigaud/proto";
import { applied, type OutcomeRow, substituted } from "../row.ts";

/** Nested virtualization, and what of a Windows guest needs it. */
export const nestingRows: readonly OutcomeRow[] = [
  {
    id: "nested-required",
    feature: Feature.NESTED_VIRTUALIZATION,
    field: "spec.nested_virtualization",
    manifest: "performanceProfile.nestedVirtualization: true",
    asks: (spec) => spec.nestedVirtualization?.policy === NestedPolicy.REQUIRED,
    cells: {
      vsphere: applied("config.nestedHVEnabled"),
      libvirt: applied("domain/cpu/feature[@policy='require']"),
      proxmox: applied("cpu (vendor model +nested-virt, or host)"),
    },
  },
  {
    id: "nested-disabled",
    feature: Feature.NESTED_VIRTUALIZATION,
    field: "spec.nested_virtualization",
    manifest: "performanceProfile.nestedVirtualization: false",
    asks: (spec) => spec.nestedVirtualization?.policy === NestedPolicy.DISABLED,
    cells: {
      vsphere: applied("config.nestedHVEnabled"),
      libvirt: applied("domain/cpu/feature[@policy='disable']"),
      proxmox: applied("cpu (-nested-virt, or a model without it)"),
    },
  },
  {
    id: "vbs",
    feature: Feature.VIRTUALIZATION_BASED_SECURITY,
    field: "spec.virtualization_based_security",
    manifest: "performanceProfile.virtualizationBasedSecurity: true",
    asks: (spec) => spec.virtualizationBasedSecurity === true,
    cells: {
      vsphere: applied("config.flags.vbsEnabled"),
      libvirt: substituted(
        "domain/features/hyperv",
        "libvirt has no VBS switch; the Hyper-V enlightenments that Windows needs for it are set instead",
      ),
      proxmox: substituted(
        "cpu hv-flags, ostype=win11",
        "Proxmox VE has no VBS switch; the Hyper-V CPU flags and a Windows ostype are set instead",
      ),
    },
  },
];
