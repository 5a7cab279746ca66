import type { VMSpec } from "@virtrigaud/proto";
import { cpuBound, type DomainCapabilities } from "./domain-capabilities.ts";
import type { Problems } from "./problems.ts";
import { el, type Element } from "./xml.ts";

/** How many times its first size a VM can be grown to while it runs. Unused headroom costs the guest next to nothing. */
export const headroom = 4;

/** The CPUs that a VM can ever have without a restart. */
export function maxCpus({ cpus, cpuHotAdd }: VMSpec, domain: DomainCapabilities): number {
  return cpuHotAdd ? Math.max(cpus, Math.min(cpus * headroom, cpuBound(domain))) : cpus;
}

/** The number of CPUs, with those that can be added later. */
export function vcpu(spec: VMSpec, domain: DomainCapabilities, problems: Problems): Element {
  if (domain.maxCpus !== 0 && spec.cpus > domain.maxCpus)
    problems.add(
      "spec.cpus",
      "CAPACITY",
      `this QEMU gives ${domain.machine} ${domain.maxCpus} CPUs at most, not ${spec.cpus}; ask for fewer`,
    );
  const most = maxCpus(spec, domain);
  return el("vcpu", { placement: "static", current: spec.cpuHotAdd ? spec.cpus : undefined }, most);
}
