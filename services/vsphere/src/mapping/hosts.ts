import { HostReport, Tristate } from "@virtrigaud/proto";
import type { AboutInfo } from "../vim/types.ts";
import type { Host, Inventory } from "./inventory.ts";
import { hostNesting, nestingRemedy } from "./nesting.ts";
import { tristate } from "@virtrigaud/kit/outcomes";
import { atLeast } from "./versions.ts";

/** The level of a VM on this host: a host that is itself a VM is at least level 1. */
export const guestLevel = (host: Host): number => (host.system === "" ? 0 : host.isVirtual ? 2 : 1);

/** What one host can give. vSphere firmware features depend on vCenter's API and key provider, not on the host. */
export function hostReport(host: Host, inventory: Inventory, about: AboutInfo): HostReport {
  const nested = hostNesting(host);
  const keyProvider = inventory.hasKeyProvider;
  const tpm = atLeast(about.apiVersion, "6.7") ? keyProvider : false;
  return HostReport.fromPartial({
    id: host.id,
    name: host.name,
    hypervisorVersion: host.version,
    available: tristate(host.available),
    cpuVendor: host.vendor,
    cpuModel: host.model,
    hardwareVirtualization: hardwareVirtualization(host),
    nestedVirtualization: nested,
    guestLevel: guestLevel(host),
    uefi: Tristate.TRUE,
    secureBoot: tristate(atLeast(about.apiVersion, "6.5")),
    tpm: tristate(tpm),
    iommu: tristate(atLeast(about.apiVersion, "6.7")),
    cpuThreads: host.threads,
    cpuMhz: host.mhz,
    memoryBytes: host.memoryBytes,
    memoryFreeBytes: host.memoryFreeBytes,
    evidence: [
      `capability.nestedHVSupported=${host.nestedHVSupported ?? "not reported"}`,
      `CPUID: VT-x or AMD-V ${host.cpuVirtualization === undefined ? "not reported" : host.cpuVirtualization ? "present" : "absent"}`,
      `hardware.systemInfo=${host.system || "not reported"}`,
      `about.apiVersion=${about.apiVersion}`,
      `key provider: ${keyProvider === undefined ? "could not be read" : keyProvider ? "present" : "none"}`,
    ],
    remedy: [
      ...(nested === Tristate.TRUE ? [] : nestingRemedy),
      ...(tpm === false
        ? [
            "for virtual TPMs: add a key provider under vCenter > Configure > Key Providers (vCenter 7.0U2 and later)",
          ]
        : []),
      ...(host.available ? [] : ["connect the host and take it out of maintenance mode"]),
    ],
  });
}

/** CPUID shows what the CPU has, not whether the firmware left it on; that a host can nest shows both. */
function hardwareVirtualization({ nestedHVSupported, cpuVirtualization }: Host): Tristate {
  if (nestedHVSupported) return Tristate.TRUE;
  return cpuVirtualization === false ? Tristate.FALSE : Tristate.UNKNOWN;
}
