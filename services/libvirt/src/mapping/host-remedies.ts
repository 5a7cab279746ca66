import { Feature, type HostReport, Tristate } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { hardwareRemedy, nestingRemedy } from "./nesting-remedy.ts";
import { minimumLibvirt } from "./versions.ts";

/** The answers of a report that something can be done about. */
export type Abilities = Pick<
  HostReport,
  "hardwareVirtualization" | "nestedVirtualization" | "uefi" | "secureBoot" | "tpm" | "iommu"
>;

/** What to do, step by step, for each answer that is not TRUE. */
export function hostRemedies(facts: HostFacts, answers: Abilities): string[] {
  const lacks = (answer: Tristate) => answer !== Tristate.TRUE;
  const steps = [
    ...acceleration(facts, answers),
    ...(lacks(answers.nestedVirtualization) ? nestingRemedy(facts) : []),
    ...(lacks(answers.uefi) || lacks(answers.secureBoot)
      ? [
          "for UEFI and secure boot: apt install ovmf (Debian, Ubuntu) or dnf install edk2-ovmf (RHEL); libvirt 7.2 or later",
        ]
      : []),
    ...(lacks(answers.tpm)
      ? [
          "for virtual TPMs: apt install swtpm swtpm-tools (Debian, Ubuntu) or dnf install swtpm swtpm-tools (RHEL), then restart libvirtd",
        ]
      : []),
    ...(lacks(answers.iommu)
      ? [`for a virtual IOMMU: libvirt ${minimumLibvirt[Feature.IOMMU]} or later`]
      : []),
    ...(facts.privileged
      ? []
      : [
          "for CPU and memory tuning, bridges and leases: connect to qemu:///system instead of qemu:///session",
        ]),
  ];
  return [...new Set(steps)];
}

/** What keeps VMs from running, or from running by the processor. */
function acceleration(facts: HostFacts, { hardwareVirtualization }: Abilities): string[] {
  const { host, readings } = facts;
  const isMissing = host.domainTypes.size === 0;
  const isBarred = !isMissing && !host.domainTypes.has("kvm") && hardwareVirtualization !== Tristate.FALSE;
  return [
    ...(isMissing
      ? [
          "install QEMU for x86_64 VMs: apt install qemu-system-x86 (Debian, Ubuntu) or dnf install qemu-kvm (RHEL), then restart libvirtd",
        ]
      : []),
    ...(hardwareVirtualization === Tristate.FALSE ? hardwareRemedy(facts) : []),
    ...(readings.devKvm === false && host.arch === "x86_64"
      ? [
          "load KVM: sudo modprobe kvm_intel (Intel) or kvm_amd (AMD); without it VMs run by emulation (accel tcg)",
        ]
      : []),
    ...(readings.devKvm === true && isBarred
      ? [
          "let libvirtd use /dev/kvm: add the account that it runs as to group kvm (sudo usermod -aG kvm ACCOUNT), then restart libvirtd",
        ]
      : []),
    ...(readings.kvmBoots === false
      ? ["a guest under KVM did not boot: repair the host's virtualization, or set Provider.spec.accel: tcg"]
      : []),
  ];
}
