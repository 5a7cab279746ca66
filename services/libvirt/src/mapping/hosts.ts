import { Feature, HostReport, Tristate } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { guestLevel, isVirtualHost } from "./host-level.ts";
import { cpuVendor, hostNesting, nestedFeature, nestingEvidence } from "./nesting.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import { tristate } from "@virtrigaud/kit/outcomes";
import { atLeast, minimumLibvirt, versionText } from "./versions.ts";

/** What the host can give, with evidence and, for each answer that is not TRUE, what to do. */
export function hostReport(facts: HostFacts): HostReport {
  const { node, host, libvirtVersion, hypervisorVersion } = facts;
  const answers = abilities(facts);
  return HostReport.fromPartial({
    // The host's UUID is made up anew at each start of a libvirtd that finds none in the firmware.
    id: facts.name,
    name: facts.name,
    hypervisorVersion: `QEMU ${versionText(hypervisorVersion)}, libvirt ${versionText(libvirtVersion)}`,
    available: Tristate.TRUE,
    cpuVendor: cpuVendor(host.cpuVendor),
    cpuModel: host.cpuModel,
    ...answers,
    guestLevel: guestLevel(facts),
    cpuThreads: node.cpus,
    cpuMhz: node.cpus * node.coreMhz,
    memoryBytes: node.memoryBytes,
    memoryFreeBytes: node.memoryFreeBytes,
    evidence: evidence(facts),
    remedy: remedies(facts, answers),
  });
}

type Abilities = Pick<
  HostReport,
  "hardwareVirtualization" | "nestedVirtualization" | "uefi" | "secureBoot" | "tpm" | "iommu"
>;

function abilities(facts: HostFacts): Abilities {
  const { domain, libvirtVersion } = facts;
  const since = (feature: Feature) => atLeast(libvirtVersion, minimumLibvirt[feature] ?? "0");
  return {
    hardwareVirtualization: hardwareVirtualization(facts),
    nestedVirtualization: hostNesting(facts),
    uefi: since(Feature.FIRMWARE_UEFI) ? tristate(domain.efi) : Tristate.FALSE,
    secureBoot: since(Feature.SECURE_BOOT) ? tristate(domain.secureBoot) : Tristate.FALSE,
    tpm: since(Feature.TPM) ? tristate(domain.tpm?.emulator) : Tristate.FALSE,
    iommu: tristate(since(Feature.IOMMU)),
  };
}

/** The CPU's own flags say most; that libvirt offers KVM says that its module loaded, which needs them. */
function hardwareVirtualization({ readings, host }: HostFacts): Tristate {
  const { cpuFlags } = readings;
  if (cpuFlags !== undefined) return tristate(cpuFlags.has("vmx") || cpuFlags.has("svm"));
  return host.cpuFeatures.has("vmx") || host.cpuFeatures.has("svm") ? Tristate.TRUE : Tristate.UNKNOWN;
}

function evidence(facts: HostFacts): string[] {
  const { readings, host, accel, domain } = facts;
  const flags = ["vmx", "svm", "hypervisor"].filter((flag) => readings.cpuFlags?.has(flag));
  const virtual = isVirtualHost(facts);
  return [
    `accel ${accel}; libvirt offers domain types ${[...host.domainTypes].sort().join(", ")}`,
    ...(readings.cpuFlags === undefined
      ? []
      : [`/proc/cpuinfo flags: ${flags.join(", ") || "none of vmx, svm, hypervisor"}`]),
    ...(readings.devKvm === undefined ? [] : [`/dev/kvm: ${readings.devKvm ? "present" : "absent"}`]),
    ...(readings.kvmBoots === undefined
      ? []
      : [`a guest under KVM ${readings.kvmBoots ? "booted" : "did not boot"}`]),
    `the host is ${virtual === undefined ? "physical or virtual: not told" : virtual ? "itself a VM" : "physical as far as its CPU tells"}`,
    ...nestingEvidence(facts),
    `firmware efi ${yesNo(domain.efi)}, secure boot ${yesNo(domain.secureBoot)}, TPM emulator ${yesNo(domain.tpm?.emulator)}`,
  ];
}

const yesNo = (value: boolean | undefined): string =>
  value === undefined ? "not reported" : value ? "yes" : "no";

function remedies(facts: HostFacts, answers: Abilities): string[] {
  const lacks = (answer: Tristate) => answer !== Tristate.TRUE;
  const feature = nestedFeature(facts);
  return [
    ...(facts.readings.devKvm === false && feature !== undefined
      ? [
          "load KVM: sudo modprobe kvm_intel (Intel) or kvm_amd (AMD); without it VMs run by emulation (accel tcg)",
        ]
      : []),
    ...(facts.readings.kvmBoots === false
      ? ["a guest under KVM did not boot: set Provider.spec.accel: tcg, or repair the host's virtualization"]
      : []),
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
}
