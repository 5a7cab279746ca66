import { Tristate } from "@virtrigaud/proto";
import type { GuestFacts } from "./guest-report.ts";
import type { Verdict } from "./verdict.ts";

/** Names of the properties that the evidence tells, as Get-ComputerInfo and Win32_DeviceGuard spell them. */
const properties: readonly (readonly [fact: string, property: string])[] = [
  ["hypervisor_present", "HyperVisorPresent"],
  ["firmware_enabled", "HyperVRequirementVirtualizationFirmwareEnabled"],
  ["monitor_extensions", "HyperVRequirementVMMonitorModeExtensions"],
  ["vbs_status", "VirtualizationBasedSecurityStatus"],
  ["vmms", "service vmms"],
];

/** VirtualizationBasedSecurityStatus: Windows' own hypervisor runs below it. */
const VBS_RUNNING = "2";

/**
 * Whether a Windows guest can run virtual machines with its processor's help. That a hypervisor is present proves nothing: it is ours, below the
 * guest. With its own hypervisor at work Windows hides the processor's features.
 */
export function windowsVerdict(facts: GuestFacts): Verdict {
  if (facts.get("vbs_status") === VBS_RUNNING)
    return verified("its own hypervisor runs, for virtualization-based security");
  const [firmware, extensions] = [facts.get("firmware_enabled"), facts.get("monitor_extensions")];
  if (firmware === "True" && extensions === "True")
    return verified("its CPU's virtualization is there and enabled");
  if (facts.get("vmms") === "Running") return hidden;
  if (firmware === "False" && extensions === "True") return disabled;
  return extensions === "False" ? lacksCpuFeature : unreadable;
}

/** The evidence for people, a line for each property that Windows told. */
export const windowsEvidence = (facts: GuestFacts): string[] =>
  properties.flatMap(([fact, property]) => {
    const value = facts.get(fact) ?? "";
    return value === "" ? [] : [`${property}: ${value}`];
  });

const verified = (why: string): Verdict => ({
  verdict: Tristate.TRUE,
  reason: "VERIFIED",
  message: `the guest can run hardware-assisted VMs: ${why}`,
});

const hidden: Verdict = {
  verdict: Tristate.UNKNOWN,
  reason: "GUEST_HIDES_CPU_FEATURE",
  message:
    "Hyper-V is set up in the guest, and with it Windows does not tell whether the CPU can; that a VM of its own starts is the proof (Start-VM)",
};

const disabled: Verdict = {
  verdict: Tristate.FALSE,
  reason: "GUEST_FIRMWARE_DISABLES_IT",
  message:
    "the guest's CPU has the feature and its firmware switches it off; use UEFI firmware, power the VM off and on",
};

const lacksCpuFeature: Verdict = {
  verdict: Tristate.FALSE,
  reason: "GUEST_LACKS_CPU_FEATURE",
  message:
    "the guest's CPU has no virtualization; ask for nested virtualization and power the VM off and on; CheckHosts tells whether the host can give it",
};

const unreadable: Verdict = {
  verdict: Tristate.UNKNOWN,
  reason: "GUEST_ANSWER_UNREADABLE",
  message:
    "Windows does not tell its CPU's virtualization features (Win32_Processor); the proof needs PowerShell 3 or newer",
};
