import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import { CpuVendor, NestedPolicy, Tristate, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { tristate } from "@virtrigaud/kit/outcomes";

/** The CPU feature that carries nested virtualization. */
export type NestedFeature = "vmx" | "svm";

const vendors: Readonly<Record<string, CpuVendor>> = {
  Intel: CpuVendor.INTEL,
  AMD: CpuVendor.AMD,
  Hygon: CpuVendor.HYGON,
  Zhaoxin: CpuVendor.ZHAOXIN,
};

/** A vendor by libvirt's name of it. */
export const cpuVendor = (name: string): CpuVendor =>
  name === "" ? CpuVendor.UNSPECIFIED : (vendors[name] ?? CpuVendor.OTHER);

/** The feature by the vendor of the CPU that guests get; undefined when the vendor is not told or has none. */
export function nestedFeature(host: HostFacts): NestedFeature | undefined {
  switch (cpuVendor(guestVendor(host))) {
    case CpuVendor.INTEL:
    case CpuVendor.ZHAOXIN:
      return "vmx";
    case CpuVendor.AMD:
    case CpuVendor.HYGON:
      return "svm";
    default:
      return undefined;
  }
}

/** Under emulation the guest's CPU is QEMU's, whatever the host's is. */
const guestVendor = ({ domain, host, accel }: HostFacts): string =>
  domain.hostModel?.vendor ?? (accel === "kvm" ? host.cpuVendor : "");

/** Whether a VM on this host can be given nested virtualization, by the CPU that libvirt would give it. */
export function hostNesting(facts: HostFacts): Tristate {
  if (facts.domain.arch !== "x86_64") return Tristate.FALSE;
  const feature = nestedFeature(facts);
  if (feature === undefined) return unknownVendor(facts);
  if (facts.cpuFeatures !== undefined) return tristate(facts.cpuFeatures.has(feature));
  const listed = facts.domain.hostModel?.features.get(feature);
  if (listed !== undefined) return tristate(listed === "require");
  return moduleSwitch(facts) === false ? Tristate.FALSE : Tristate.UNKNOWN;
}

const unknownVendor = ({ domain }: HostFacts): Tristate =>
  cpuVendor(domain.hostModel?.vendor ?? "") === CpuVendor.OTHER ? Tristate.FALSE : Tristate.UNKNOWN;

/** What the KVM module says of nesting; undefined when it was not read or does not matter. */
export function moduleSwitch({ accel, readings }: HostFacts): boolean | undefined {
  const reading = accel === "kvm" ? (readings.kvmIntelNested ?? readings.kvmAmdNested) : undefined;
  return reading === undefined ? undefined : /^[Y1]/.test(reading.trim());
}

/** Whether a spec requires nested virtualization. Takes the effective spec. */
export const needsNesting = (spec: VMSpec): boolean => nestedPolicy(spec) === NestedPolicy.REQUIRED;

/** Where the evidence for {@link hostNesting} comes from, a line each. */
export function nestingEvidence(facts: HostFacts): string[] {
  const { domain, cpuFeatures, readings } = facts;
  const feature = nestedFeature(facts);
  const model = domain.hostModel;
  const listed = feature && model?.features.get(feature);
  return [
    `domain capabilities (${facts.accel}, ${domain.machine}): host-model ${model ? `${model.model}, vendor ${model.vendor}` : "not reported"}`,
    ...(feature === undefined ? [] : [`host-model lists ${feature}=${listed ?? "not listed"}`]),
    ...(feature === undefined || cpuFeatures === undefined
      ? ["expanded CPU features: not reported"]
      : [`expanded CPU features: ${feature} ${cpuFeatures.has(feature) ? "required" : "absent"}`]),
    ...reading("kvm_intel", readings.kvmIntelNested),
    ...reading("kvm_amd", readings.kvmAmdNested),
  ];
}

const reading = (module: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`/sys/module/${module}/parameters/nested=${value.trim()}`];
