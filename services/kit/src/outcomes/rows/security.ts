import { Feature, TpmVersion } from "@virtrigaud/proto";
import { applied, type OutcomeRow, refused } from "../row.ts";

/** Boot integrity and device isolation. */
export const securityRows: readonly OutcomeRow[] = [
  {
    id: "secure-boot",
    feature: Feature.SECURE_BOOT,
    field: "spec.secure_boot",
    manifest: "securityProfile.secureBoot: true",
    asks: (spec) => spec.secureBoot === true,
    cells: {
      vsphere: applied("config.bootOptions.efiSecureBootEnabled"),
      libvirt: applied("domain/os/firmware/feature secure-boot, enrolled-keys"),
      proxmox: applied("efidisk0 pre-enrolled-keys=1"),
    },
  },
  {
    id: "tpm-2.0",
    feature: Feature.TPM,
    field: "spec.tpm",
    manifest: 'securityProfile.tpmEnabled: true, tpmVersion: "2.0"',
    asks: (spec) => spec.tpm !== undefined && spec.tpm.version !== TpmVersion.TPM_VERSION_1_2,
    cells: {
      vsphere: applied("config.hardware.device[VirtualTPM]"),
      libvirt: applied("domain/devices/tpm[@model='tpm-crb']"),
      proxmox: applied("tpmstate0 version=v2.0"),
    },
  },
  {
    id: "tpm-1.2",
    feature: Feature.TPM,
    field: "spec.tpm.version",
    manifest: 'securityProfile.tpmEnabled: true, tpmVersion: "1.2"',
    asks: (spec) => spec.tpm?.version === TpmVersion.TPM_VERSION_1_2,
    cells: {
      vsphere: refused("TPM_VERSION_UNSUPPORTED", 'vSphere emulates TPM 2.0 only; set tpmVersion: "2.0"'),
      libvirt: applied("domain/devices/tpm[@model='tpm-tis']"),
      proxmox: applied("tpmstate0 version=v1.2"),
    },
  },
  {
    id: "iommu",
    feature: Feature.IOMMU,
    field: "spec.iommu",
    manifest: "securityProfile.vtdEnabled: true",
    asks: (spec) => spec.iommu === true,
    cells: {
      vsphere: applied("config.flags.vvtdEnabled"),
      libvirt: applied("domain/devices/iommu[@model='intel']"),
      proxmox: applied("machine=q35,viommu=intel"),
    },
  },
];
