import {
  Feature,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
} from "@virtrigaud/proto";
import { applied, type OutcomeRow, refused, substituted } from "./row.ts";

/**
 * What becomes of each thing that a manifest can ask for, by hypervisor. The one source of refusals, of the mechanisms
 * that AppliedCapability names, of the table in the documents and of the cell-by-cell tests.
 */
export const outcomeTable: readonly OutcomeRow[] = [
  {
    id: "cpu",
    feature: Feature.CPU,
    field: "spec.cpus",
    manifest: "cpu",
    asks: (spec) => spec.cpus > 0,
    cells: {
      vsphere: applied("config.hardware.numCPU"),
      libvirt: applied("domain/vcpu"),
      proxmox: applied("cores"),
    },
  },
  {
    id: "memory",
    feature: Feature.MEMORY,
    field: "spec.memory_bytes",
    manifest: "memory",
    asks: (spec) => spec.memoryBytes > 0,
    cells: {
      vsphere: applied("config.hardware.memoryMB"),
      libvirt: applied("domain/memory"),
      proxmox: applied("memory"),
    },
  },
  {
    id: "firmware-bios",
    feature: Feature.FIRMWARE_BIOS,
    field: "spec.firmware",
    manifest: "firmware: BIOS",
    asks: (spec) => spec.firmware === Firmware.BIOS,
    cells: {
      vsphere: applied("config.firmware=bios"),
      libvirt: applied("domain/os without firmware"),
      proxmox: applied("bios=seabios"),
    },
  },
  {
    id: "firmware-uefi",
    feature: Feature.FIRMWARE_UEFI,
    field: "spec.firmware",
    manifest: "firmware: UEFI",
    asks: (spec) => spec.firmware === Firmware.UEFI,
    cells: {
      vsphere: applied("config.firmware=efi"),
      libvirt: applied("domain/os/@firmware=efi"),
      proxmox: applied("bios=ovmf, efidisk0"),
    },
  },
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
      proxmox: applied("cpu without nested-virt"),
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
  {
    id: "cpu-hot-add",
    feature: Feature.CPU_HOT_ADD,
    field: "spec.cpu_hot_add",
    manifest: "performanceProfile.cpuHotAddEnabled: true",
    asks: (spec) => spec.cpuHotAdd === true,
    cells: {
      vsphere: applied("config.cpuHotAddEnabled"),
      libvirt: applied("domain/vcpu/@current"),
      proxmox: applied("vcpus, hotplug=cpu"),
    },
  },
  {
    id: "memory-hot-add",
    feature: Feature.MEMORY_HOT_ADD,
    field: "spec.memory_hot_add",
    manifest: "performanceProfile.memoryHotAddEnabled: true",
    asks: (spec) => spec.memoryHotAdd === true,
    cells: {
      vsphere: applied("config.memoryHotAddEnabled"),
      libvirt: applied("domain/maxMemory, domain/cpu/numa"),
      proxmox: applied("numa=1, hotplug=memory"),
    },
  },
  {
    id: "latency-low",
    feature: Feature.LATENCY_SENSITIVITY,
    field: "spec.latency_sensitivity",
    manifest: "performanceProfile.latencySensitivity: low",
    asks: (spec) => spec.latencySensitivity === LatencySensitivity.LOW,
    cells: {
      vsphere: applied("config.latencySensitivity.level"),
      libvirt: substituted(
        "domain/cputune/shares=512",
        "libvirt has no latency level; CPU weight stands in for it",
      ),
      proxmox: substituted("cpuunits=50", "Proxmox VE has no latency level; CPU weight stands in for it"),
    },
  },
  {
    id: "latency-normal",
    feature: Feature.LATENCY_SENSITIVITY,
    field: "spec.latency_sensitivity",
    manifest: "performanceProfile.latencySensitivity: normal",
    asks: (spec) => spec.latencySensitivity === LatencySensitivity.NORMAL,
    cells: {
      vsphere: applied("config.latencySensitivity.level"),
      libvirt: substituted(
        "domain/cputune default",
        "libvirt has no latency level; its default weight is the ordinary one",
      ),
      proxmox: substituted(
        "cpuunits default",
        "Proxmox VE has no latency level; its default weight is the ordinary one",
      ),
    },
  },
  {
    id: "latency-high",
    feature: Feature.LATENCY_SENSITIVITY,
    field: "spec.latency_sensitivity",
    manifest: "performanceProfile.latencySensitivity: high",
    asks: (spec) => spec.latencySensitivity === LatencySensitivity.HIGH,
    cells: {
      vsphere: applied("config.latencySensitivity.level"),
      libvirt: substituted(
        "domain/cputune/vcpupin, memoryBacking hugepages+locked",
        "libvirt has no latency level; pinned CPUs and locked huge pages stand in for it",
      ),
      proxmox: refused(
        "LATENCY_SENSITIVITY_UNSUPPORTED",
        "dedicated CPUs need `affinity`, which Proxmox VE reserves to root; use latencySensitivity low or normal, or let the operator allow CPU weight alone",
      ),
    },
  },
  {
    id: "hyper-threading-auto",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: auto",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.AUTO,
    cells: {
      vsphere: applied("config.flags.htSharing=any"),
      libvirt: applied("domain/cpu without topology"),
      proxmox: applied("the scheduler's default"),
    },
  },
  {
    id: "hyper-threading-prefer",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: prefer",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.PREFER,
    cells: {
      vsphere: applied("config.flags.htSharing=any"),
      libvirt: applied("domain/cpu/topology/@threads"),
      proxmox: applied("the scheduler's default"),
    },
  },
  {
    id: "hyper-threading-avoid",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: avoid",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.AVOID,
    cells: {
      vsphere: applied("config.flags.htSharing=none"),
      libvirt: applied("domain/cpu/topology/@threads=1"),
      proxmox: refused(
        "HYPER_THREADING_POLICY_UNSUPPORTED",
        "Proxmox VE cannot keep a VM off sibling threads; use hyperThreadingPolicy auto or prefer",
      ),
    },
  },
  {
    id: "hyper-threading-require",
    feature: Feature.HYPER_THREADING_POLICY,
    field: "spec.hyper_threading_policy",
    manifest: "performanceProfile.hyperThreadingPolicy: require",
    asks: (spec) => spec.hyperThreadingPolicy === HyperThreadingPolicy.REQUIRE,
    cells: {
      vsphere: applied("config.flags.htSharing=internal"),
      libvirt: applied("domain/cpu/topology/@threads=2, cputune/vcpupin"),
      proxmox: refused(
        "HYPER_THREADING_POLICY_UNSUPPORTED",
        "Proxmox VE cannot place a VM on sibling threads; use hyperThreadingPolicy auto or prefer",
      ),
    },
  },
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
  {
    id: "cpu-reservation",
    feature: Feature.CPU_RESERVATION,
    field: "spec.cpu_allocation.reservation_mhz",
    manifest: "resourceLimits.cpuReservation: 4000",
    asks: (spec) => spec.cpuAllocation?.reservationMhz !== undefined,
    cells: {
      vsphere: applied("config.cpuAllocation.reservation"),
      libvirt: substituted(
        "admission against the host's MHz, domain/cputune/shares",
        "KVM cannot reserve MHz; the provider admits no more than the host has and raises the CPU weight",
      ),
      proxmox: substituted(
        "admission against the node's MHz, cpuunits",
        "Proxmox VE cannot reserve MHz; the provider admits no more than the node has and raises the CPU weight",
      ),
    },
  },
  {
    id: "memory-reservation",
    feature: Feature.MEMORY_RESERVATION,
    field: "spec.memory_allocation.reservation_bytes",
    manifest: "resourceLimits.memoryReservation: 8Gi",
    asks: (spec) => spec.memoryAllocation?.reservationBytes !== undefined,
    cells: {
      vsphere: applied("config.memoryAllocation.reservation"),
      libvirt: substituted(
        "admission against the host's memory",
        "KVM cannot reserve memory by size; the provider admits no more than the host has and never balloons below",
      ),
      proxmox: applied("balloon"),
    },
  },
  {
    id: "cpu-limit",
    feature: Feature.CPU_LIMIT,
    field: "spec.cpu_allocation.limit_mhz",
    manifest: "resourceLimits.cpuLimit",
    asks: (spec) => spec.cpuAllocation?.limitMhz !== undefined,
    cells: {
      vsphere: applied("config.cpuAllocation.limit"),
      libvirt: applied("domain/cputune/quota, period"),
      proxmox: applied("cpulimit"),
    },
  },
  {
    id: "memory-limit",
    feature: Feature.MEMORY_LIMIT,
    field: "spec.memory_allocation.limit_bytes",
    manifest: "resourceLimits.memoryLimit",
    asks: (spec) => spec.memoryAllocation?.limitBytes !== undefined,
    cells: {
      vsphere: applied("config.memoryAllocation.limit"),
      libvirt: applied("domain/memtune/hard_limit"),
      proxmox: substituted("memory", "Proxmox VE has no host memory limit apart from the VM's own size"),
    },
  },
  {
    id: "cpu-shares",
    feature: Feature.CPU_SHARES,
    field: "spec.cpu_allocation.shares",
    manifest: "resourceLimits.cpuShares",
    asks: (spec) => spec.cpuAllocation?.shares !== undefined,
    cells: {
      vsphere: applied("config.cpuAllocation.shares"),
      libvirt: applied("domain/cputune/shares"),
      proxmox: applied("cpuunits"),
    },
  },
  {
    id: "cloud-init",
    feature: Feature.CLOUD_INIT,
    field: "spec.cloud_init",
    manifest: "userData.cloudInit.inline",
    asks: (spec) => spec.cloudInit !== undefined,
    cells: {
      vsphere: applied("config.extraConfig[guestinfo.userdata]"),
      libvirt: applied("NoCloud seed image"),
      proxmox: applied("cloud-init drive"),
    },
  },
  {
    id: "tags",
    feature: Feature.TAGS,
    field: "spec.tags",
    manifest: "tags",
    asks: (spec) => spec.tags.length > 0,
    cells: {
      vsphere: substituted(
        "config.annotation",
        "vSphere tags live outside the vim25 API; they are listed in the VM's notes instead",
      ),
      libvirt: substituted(
        "domain/metadata",
        "libvirt has no tags; they are kept in the domain's metadata instead",
      ),
      proxmox: applied("tags"),
    },
  },
];
