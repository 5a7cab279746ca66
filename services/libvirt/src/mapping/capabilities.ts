import { outcomeTable } from "@virtrigaud/kit/outcomes";
import {
  type Capability,
  Feature,
  featureToNumber,
  type HostReport,
  Support,
  Tristate,
} from "@virtrigaud/proto";
import { hostReport } from "./hosts.ts";
import { enlightenments } from "./hyperv.ts";
import type { HostFacts } from "./host-facts.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import { atLeast, minimumLibvirt, versionText } from "./versions.ts";

type Finding = Pick<Capability, "support" | "reason">;
const supported: Finding = { support: Support.SUPPORTED, reason: "" };
const unsupported = (reason: string): Finding => ({ support: Support.UNSUPPORTED, reason });
const unknown = (reason: string): Finding => ({ support: Support.UNKNOWN, reason });

/** Knobs beyond the outcome table, with the libvirt name of what does each. */
const knobs: readonly (readonly [Feature, string])[] = [
  [Feature.DISK_PROVISIONING, "volume/allocation"],
  [Feature.DISK_SIZE, "volume/capacity"],
  [Feature.STORAGE_CLASS, "storage pool"],
  [Feature.DISK_CONTROLLER, "disk/target/@bus"],
  [Feature.DISK_IOPS_LIMIT, "disk/iotune/total_iops_sec"],
  [Feature.NETWORK_INTERFACE, "interface"],
  [Feature.MAC_ADDRESS, "interface/mac"],
  [Feature.MTU, "interface/mtu"],
  [Feature.VLAN, "interface/vlan"],
  [Feature.STATIC_ADDRESS, "NoCloud network-config"],
  [Feature.SRIOV, "interface[@type='hostdev']"],
  [Feature.IMAGE, "volume/backingStore"],
  [Feature.PLACEMENT, "host, storage pool"],
];

/**
 * Everything a caller can ask for, as this host has it now.
 * @param verbs what the daemon does beyond a VM's knobs, with the libvirt call behind each; what is not listed is unsupported.
 */
export function capabilities(facts: HostFacts, verbs: ReadonlyMap<Feature, string>): Capability[] {
  const table = outcomeTable.flatMap(({ feature, cells }) =>
    cells.libvirt.outcome === "REFUSED" ? [] : [[feature, cells.libvirt.mechanism] as const],
  );
  const all = new Map([...table.reverse(), ...knobs, ...verbs]);
  const report = hostReport(facts);
  return [...all]
    .map(([feature, mechanism]) => ({
      feature,
      mechanism,
      ...probe(feature, facts, report),
      minimumVersion: minimumLibvirt[feature] ?? "",
      observedVersion: versionText(facts.libvirtVersion),
    }))
    .sort((a, b) => featureToNumber(a.feature) - featureToNumber(b.feature));
}

/** What a host without VMs is good for. */
const withoutVms: readonly Feature[] = [
  Feature.HOST_CHECK,
  Feature.PLAN,
  Feature.IMAGE_PREPARE,
  Feature.CANCEL_OPERATION,
];

function probe(feature: Feature, facts: HostFacts, report: HostReport): Finding {
  if (report.available === Tristate.FALSE && !withoutVms.includes(feature))
    return unsupported(
      `libvirt has no QEMU that runs x86_64 VMs with accel ${facts.accel}; ${report.remedy[0] ?? "CheckHosts has the evidence"}`,
    );
  const minimum = minimumLibvirt[feature];
  if (minimum !== undefined && !atLeast(facts.libvirtVersion, minimum))
    return unsupported(`needs libvirt ${minimum}, the host has ${versionText(facts.libvirtVersion)}`);
  switch (feature) {
    case Feature.NESTED_VIRTUALIZATION:
      return finding(report.nestedVirtualization, nestingRemedy(facts).join("; "));
    case Feature.VIRTUALIZATION_BASED_SECURITY:
      if (enlightenments(facts).length === 0) return unsupported("the host offers no Hyper-V enlightenments");
      return finding(report.nestedVirtualization, nestingRemedy(facts).join("; "));
    case Feature.FIRMWARE_UEFI:
      return finding(report.uefi, "install ovmf (Debian, Ubuntu) or edk2-ovmf (RHEL) on the host");
    case Feature.SECURE_BOOT:
      return finding(report.secureBoot, "install ovmf (Debian, Ubuntu) or edk2-ovmf (RHEL) on the host");
    case Feature.TPM:
      return finding(report.tpm, "install swtpm and swtpm-tools on the host");
    case Feature.LATENCY_SENSITIVITY:
    case Feature.CPU_SHARES:
    case Feature.CPU_LIMIT:
    case Feature.CPU_RESERVATION:
    case Feature.MEMORY_LIMIT:
      return facts.privileged
        ? supported
        : unknown("an unprivileged libvirt stores it and refuses to start the VM; use qemu:///system");
    default:
      return supported;
  }
}

function finding(answer: Tristate, remedy: string): Finding {
  switch (answer) {
    case Tristate.TRUE:
      return supported;
    case Tristate.FALSE:
      return unsupported(remedy);
    default:
      return unknown(`libvirt does not tell; a VM may be tried. If it fails: ${remedy}`);
  }
}
