import { nestedPolicy, withImplied } from "@virtrigaud/kit/outcomes";
import { NestedPolicy, type NestedVirtualizationStatus, Tristate } from "@virtrigaud/proto";
import type { FoundDomain } from "./found-domain.ts";
import type { HostFacts } from "./host-facts.ts";
import { guestLevel } from "./host-level.ts";
import { type Marker, requestedSpec } from "./metadata.ts";
import { hostNesting, nestedFeature, nestingEvidence } from "./nesting.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import { tristate } from "@virtrigaud/kit/outcomes";
import { readVerification } from "./verification.ts";
import { all, type Element, first } from "./xml.ts";

type Answers = Pick<NestedVirtualizationStatus, "requested" | "hostCapable" | "configured" | "verified">;

/** The four senses of nested virtualization for a domain, none derived from another. */
export function nestedStatus(
  { stored, live }: FoundDomain,
  marker: Marker | undefined,
  host: HostFacts,
): NestedVirtualizationStatus {
  const asked = requestedSpec(marker);
  const requested = asked && nestedPolicy(withImplied(asked).spec) === NestedPolicy.REQUIRED;
  const held = configured(live ?? stored);
  const proof = marker && readVerification(stored, marker.specFingerprint);
  const answers: Answers = {
    requested: tristate(requested),
    hostCapable: hostNesting(host),
    configured: held.answer,
    verified: proof?.verdict ?? Tristate.UNKNOWN,
  };
  return {
    ...answers,
    cpuFeature: nestedFeature(host) ?? "",
    mechanism: "domain/cpu/feature",
    level: guestLevel(host),
    ...(proof === undefined ? reasonFor(answers, host) : { reason: proof.reason, message: proof.message }),
    evidence: [
      ...nestingEvidence(host).map((line) => `host ${host.name}: ${line}`),
      `${live === undefined ? "stored" : "live"} domain: ${held.evidence}`,
      ...(proof?.evidence ?? []),
    ],
    verifiedAt: proof?.verifiedAt,
  };
}

/**
 * Whether a domain's CPU holds the feature. Only what it says explicitly counts: the host's CPU as it is, and what a model's name may or may not
 * hold, prove nothing.
 */
export function configured(domain: Element): { answer: Tristate; evidence: string } {
  const cpu = first(domain, "cpu");
  const features = all(cpu, "feature").filter(({ attributes }) =>
    /^(?:vmx|svm)$/.test(attributes.name ?? ""),
  );
  const said = features.map(({ attributes }) => `${attributes.name}=${attributes.policy}`);
  const evidence = `cpu mode=${cpu?.attributes.mode ?? "none"}, ${said.length === 0 ? "neither vmx nor svm named" : said.join(", ")}`;
  if (features.some(({ attributes }) => /^(?:require|force)$/.test(attributes.policy ?? "")))
    return { answer: Tristate.TRUE, evidence };
  return { answer: said.length === 0 ? Tristate.UNKNOWN : Tristate.FALSE, evidence };
}

/** The reason for the least certain of the four. */
function reasonFor(
  { requested, hostCapable, configured: held }: Answers,
  host: HostFacts,
): Pick<NestedVirtualizationStatus, "reason" | "message"> {
  if (requested !== Tristate.TRUE)
    return { reason: "NOT_REQUESTED", message: "nested virtualization was not asked for" };
  if (hostCapable === Tristate.FALSE) {
    const remedy = nestingRemedy(host).join("; ");
    return {
      reason: "HOST_INCAPABLE",
      message: `host ${host.name} cannot give nested virtualization; ${remedy}`,
    };
  }
  if (held !== Tristate.TRUE) {
    const message =
      "the domain does not require the CPU feature; someone changed it: power the VM off, and the next CreateVM sets it again";
    return { reason: "NOT_CONFIGURED", message };
  }
  if (hostCapable === Tristate.UNKNOWN) {
    const message = "configured, but libvirt does not tell whether the host can; verify it inside the guest";
    return { reason: "HOST_CAPABILITY_UNKNOWN", message };
  }
  return { reason: "NOT_YET_VERIFIED", message: "configured; not yet proven inside the guest" };
}
