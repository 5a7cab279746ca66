import type { NestedVirtualizationStatus, VM } from "@virtrigaud/proto";
import type { VMClass } from "../api/vm-class.ts";
import type { Pass, Unproven } from "../pass.ts";
import type { NestedReport, Truth } from "../status-types.ts";
import { type Answer, answer, camelReason } from "./condition.ts";
import { truth } from "./truth.ts";

const NESTED_UNSUPPORTED = "NESTED_UNSUPPORTED";

/** The four senses of nesting for the status: as the provider read them, or what is known before there is a VM. */
export function nestedReport({ observed, vmClass, failure, unproven }: Pass): NestedReport {
  const nested = observed?.nested;
  if (nested !== undefined) return { ...reported(nested), ...(isOpen(nested) ? why(unproven) : {}) };
  const incapable = failure?.reason === NESTED_UNSUPPORTED;
  return {
    requested: requestedBy(vmClass),
    hostCapable: incapable ? "False" : "Unknown",
    configured: "Unknown",
    verified: "Unknown",
    reason: incapable ? NESTED_UNSUPPORTED : "NOT_CREATED",
    message: incapable ? failure.message : "there is no VM yet",
  };
}

/**
 * Whether the guest can host VMs. True only by a proof taken inside it; a stored setting is Unknown with reason Configured,
 * because none of the four senses is ever derived from another.
 */
export function nestedCondition(pass: Pass): Answer {
  const { requested, hostCapable, configured, verified, ...report } = nestedReport(pass);
  const nested = (status: Truth, reason: string, message: string) =>
    answer("NestedVirtualization", status, reason, message);
  if (verified === "True") return nested("True", "Verified", withEvidence(report, "proven inside the guest"));
  if (requested !== "True")
    return nested("False", "NotRequested", "the VMClass does not ask for nested virtualization");
  if (verified === "False")
    return nested("False", camelReason(report.reason), withEvidence(report, "disproven inside the guest"));
  if (pass.observed === undefined) {
    return hostCapable === "False"
      ? nested("False", "HostIncapable", report.message)
      : nested("Unknown", "Requested", `asked for by the VMClass; ${report.message}`);
  }
  if (configured === "False") return nested("False", "NotConfigured", report.message);
  if (hostCapable === "False") return nested("False", "HostIncapable", report.message);
  const how = report.mechanism === undefined ? "" : ` (${report.mechanism})`;
  return configured === "True"
    ? nested("Unknown", "Configured", `configured${how}, not verified: ${report.message || report.reason}`)
    : nested("Unknown", camelReason(report.reason), report.message);
}

/** Whether the VM can move between hosts while it runs; a running inner VM would not survive that. */
export function liveMigratable(observed: VM): Answer {
  const migratable = (status: Truth, reason: string, message: string) =>
    answer("LiveMigratable", status, reason, message);
  switch (truth(observed.nested?.configured)) {
    case "True":
      return migratable(
        "False",
        "NestedVirtualization",
        "nested virtualization is configured, and VMs inside would break on the way; power the VM off to move it",
      );
    case "False":
      // The provider may have answered from what is stored, and what runs may still be the other way.
      return observed.restartRequired
        ? migratable("Unknown", "RestartRequired", "nested virtualization is off after the next restart")
        : migratable("True", "NotNested", "nested virtualization is off");
    case "Unknown":
      return migratable("Unknown", "NestedUnknown", "it is not known whether the guest can run VMs");
  }
}

/** Neither proven nor disproven: then why not is worth more than the provider's word for "not yet". */
function isOpen({ verified }: NestedVirtualizationStatus): boolean {
  return truth(verified) === "Unknown";
}

function why(unproven: Unproven | undefined): Partial<Unproven> {
  return unproven === undefined ? {} : { reason: unproven.reason, message: unproven.message };
}

function withEvidence(
  { message, evidence = [] }: Pick<NestedReport, "message" | "evidence">,
  otherwise: string,
) {
  return [message || otherwise, ...evidence].join("; ");
}

function requestedBy(vmClass: VMClass | undefined): Truth {
  if (vmClass === undefined) return "Unknown";
  const { nestedVirtualization, virtualizationBasedSecurity } = vmClass.spec.performanceProfile ?? {};
  return nestedVirtualization === true || virtualizationBasedSecurity === true ? "True" : "False";
}

function reported(nested: NestedVirtualizationStatus): NestedReport {
  return {
    requested: truth(nested.requested),
    hostCapable: truth(nested.hostCapable),
    configured: truth(nested.configured),
    verified: truth(nested.verified),
    ...(nested.mechanism === "" ? {} : { mechanism: nested.mechanism }),
    ...(nested.cpuFeature === "" ? {} : { cpuFeature: nested.cpuFeature }),
    ...(nested.level === 0 ? {} : { level: nested.level }),
    reason: nested.reason,
    message: nested.message,
    ...(nested.evidence.length === 0 ? {} : { evidence: nested.evidence }),
    ...(nested.verifiedAt === undefined || isOpen(nested)
      ? {}
      : { verifiedAt: nested.verifiedAt.toISOString() }),
  };
}
