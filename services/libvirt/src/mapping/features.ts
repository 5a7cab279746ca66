import { LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { hyperv } from "./hyperv.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { el, type Element } from "./xml.ts";

/** Platform features. Takes the effective spec. */
export function features(spec: VMSpec, host: HostFacts, settings: Settings, problems: Problems): Element {
  return el("features", {}, [
    el("acpi"),
    el("apic"),
    ...hyperv(spec, host, problems),
    ...dedicatedHint(spec, host, settings),
    // Without SMM the guest could write the variables that secure boot rests on.
    ...(spec.secureBoot ? [el("smm", { state: "on" })] : []),
    // Interrupt remapping needs the I/O APIC outside of the kernel.
    ...(spec.iommu ? [el("ioapic", { driver: "qemu" })] : []),
  ]);
}

/** libvirt takes the hint only with the host's own CPU. */
function dedicatedHint(spec: VMSpec, { accel }: HostFacts, { cpuMode }: Settings): Element[] {
  const isDedicated = spec.latencySensitivity === LatencySensitivity.HIGH;
  if (!isDedicated || accel !== "kvm" || cpuMode !== "host-passthrough") return [];
  return [el("kvm", {}, [el("hint-dedicated", { state: "on" })])];
}
