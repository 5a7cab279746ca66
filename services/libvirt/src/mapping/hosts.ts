import { Feature, HostReport, Tristate } from "@virtrigaud/proto";
import { domainType, type HostFacts } from "./host-facts.ts";
import { type Abilities, hostRemedies } from "./host-remedies.ts";
import { guestLevel, isVirtualHost } from "./host-level.ts";
import { cpuVendor, hostNesting, nestingEvidence } from "./nesting.ts";
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
    hypervisorVersion: `QEMU ${hypervisorVersion === undefined ? "not found" : versionText(hypervisorVersion)}, libvirt ${versionText(libvirtVersion)}`,
    available: tristate(host.domainTypes.has(domainType(facts))),
    cpuVendor: cpuVendor(host.cpuVendor),
    cpuModel: host.cpuModel,
    ...answers,
    guestLevel: guestLevel(facts),
    cpuThreads: node.cpus,
    cpuMhz: node.cpus * node.coreMhz,
    memoryBytes: node.memoryBytes,
    memoryFreeBytes: node.memoryFreeBytes,
    evidence: evidence(facts),
    remedy: hostRemedies(facts, answers),
  });
}

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
    `accel ${accel}; libvirt offers domain types ${[...host.domainTypes].sort().join(", ") || "none for x86_64"}`,
    ...facts.notes,
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
