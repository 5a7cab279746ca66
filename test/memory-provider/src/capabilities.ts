import { type Capability, Feature, featureToNumber, Support, Tristate } from "@virtrigaud/proto";
import { anyHost } from "./hypervisor/hosts.ts";
import type { Hypervisor } from "./hypervisor/hypervisor.ts";

const features = Object.values(Feature)
  .filter((feature) => feature !== Feature.UNSPECIFIED && feature !== Feature.UNRECOGNIZED)
  .sort((a, b) => featureToNumber(a) - featureToNumber(b));

const nestingSupport: Readonly<Record<string, Support>> = {
  [Tristate.TRUE]: Support.SUPPORTED,
  [Tristate.FALSE]: Support.UNSUPPORTED,
};

/** What can be had, sorted by feature number. `without` leaves features out, as a smaller provider would. */
export function capabilities(hypervisor: Hypervisor, without: ReadonlySet<Feature>): Capability[] {
  return features.map((feature) => capability(hypervisor, without, feature));
}

/** What can be had of one feature. */
export function capability(
  hypervisor: Hypervisor,
  without: ReadonlySet<Feature>,
  feature: Feature,
): Capability {
  if (without.has(feature)) {
    return entry(feature, Support.UNSUPPORTED, "this provider was started without it");
  }
  if (feature === Feature.SRIOV) {
    return entry(feature, Support.UNSUPPORTED, "a hypervisor in memory has no devices to assign");
  }
  if (feature === Feature.NESTED_VIRTUALIZATION || feature === Feature.VIRTUALIZATION_BASED_SECURITY) {
    const support = nestingSupport[anyHost(hypervisor.hosts)] ?? Support.UNKNOWN;
    const remedies = hypervisor.hosts.map((host) => host.remedy).filter(Boolean);
    return entry(feature, support, support === Support.SUPPORTED ? "" : remedies.join("; "));
  }
  return entry(feature, Support.SUPPORTED, "");
}

function entry(feature: Feature, support: Support, reason: string): Capability {
  const mechanism = support === Support.UNSUPPORTED ? "" : "memory";
  return { feature, support, mechanism, reason, minimumVersion: "", observedVersion: "1.0" };
}
