import { nestedPolicy, tristate, withImplied } from "@virtrigaud/kit/outcomes";
import { NestedPolicy, type NestedVirtualizationStatus, Tristate } from "@virtrigaud/proto";
import { configured, holdsPolicy } from "./configured.ts";
import type { FoundVm } from "./found-vm.ts";
import type { Node } from "./inventory.ts";
import { guestLevel, nestedFeature, nestingEvidence, nodeNesting } from "./nesting.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import { type Marker, requestedSpec } from "./ownership.ts";
import type { Settings } from "./settings.ts";
import { readProof } from "./verification.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";

/** What nesting is judged by. */
export interface NestingSight {
  /** The VM's node; undefined when the cluster does not tell of it. */
  node: Node | undefined;
  settings: Pick<Settings, "accel">;
  /** Nothing runs behind this API, so nothing can be verified. */
  simulated: boolean;
}

type Answers = Pick<NestedVirtualizationStatus, "requested" | "hostCapable" | "configured" | "verified">;

/** The four senses of nested virtualization for a VM, none derived from another. */
export function nestedStatus(
  found: FoundVm,
  marker: Marker | undefined,
  sight: NestingSight,
): NestedVirtualizationStatus {
  const { node, settings } = sight;
  const asked = requestedSpec(marker);
  const requested = asked && nestedPolicy(withImplied(asked).spec) === NestedPolicy.REQUIRED;
  const runs = runningConfig(found);
  const held = runs && configured(runs);
  const stored = found.config?.next;
  const proof = marker && stored && readProof(optionOf(stored, "description") ?? "", marker.specFingerprint);
  const answers: Answers = {
    requested: tristate(requested),
    hostCapable: node === undefined ? Tristate.UNKNOWN : nodeNesting(node, settings.accel),
    configured: held?.answer ?? Tristate.UNKNOWN,
    verified: proof?.verdict ?? Tristate.UNKNOWN,
  };
  const side = found.power.status === "running" ? "running" : "stored";
  return {
    ...answers,
    cpuFeature: (node && nestedFeature(node, settings.accel)) ?? "",
    mechanism: "cpu",
    level: node === undefined ? 0 : guestLevel(node),
    ...(proof === undefined
      ? reasonFor(answers, runs, sight)
      : { reason: proof.reason, message: proof.message }),
    evidence: [
      ...(node === undefined
        ? []
        : nestingEvidence(node, settings.accel).map((line) => `node ${node.name}: ${line}`)),
      ...(held === undefined ? [] : [`${side} configuration: ${held.evidence}`]),
      ...(proof?.evidence ?? []),
    ],
    verifiedAt: proof?.verifiedAt,
  };
}

/** What the guest sees: a VM that runs has what it was started with. */
const runningConfig = ({ config, power }: FoundVm): VmConfig | undefined =>
  power.status === "running" ? config?.current : config?.next;

/** The reason for the least certain of the four. */
function reasonFor(
  { requested, hostCapable, configured: held }: Answers,
  config: VmConfig | undefined,
  { node, simulated }: NestingSight,
): Pick<NestedVirtualizationStatus, "reason" | "message"> {
  if (config === undefined)
    return {
      reason: "CONFIGURATION_NOT_READ",
      message: "Proxmox VE's lists of VMs do not tell their CPUs; GetVM does",
    };
  if (requested !== Tristate.TRUE)
    return { reason: "NOT_REQUESTED", message: "nested virtualization was not asked for" };
  if (hostCapable === Tristate.FALSE && node !== undefined) {
    const remedy = nestingRemedy(node).join("; ");
    return {
      reason: "HOST_INCAPABLE",
      message: `node ${node.name} cannot give nested virtualization; ${remedy}`,
    };
  }
  if (held === Tristate.FALSE || !holdsPolicy(NestedPolicy.REQUIRED, config)) {
    const message =
      "the VM's cpu option does not ask for nested virtualization; someone changed it: power the VM off, and the next CreateVM sets it again";
    return { reason: "NOT_CONFIGURED", message };
  }
  if (simulated) {
    const message =
      "this Proxmox VE is a simulator: nothing runs in it, so nothing can be verified in a guest";
    return { reason: "SIMULATED", message };
  }
  if (held === Tristate.UNKNOWN) {
    const message =
      "the guest has the CPU that the node or QEMU shows, which proves nothing; verify it inside the guest";
    return { reason: "CONFIGURATION_UNKNOWN", message };
  }
  if (hostCapable !== Tristate.TRUE) {
    const message =
      "configured, but Proxmox VE does not tell whether the node can; verify it inside the guest";
    return { reason: "HOST_CAPABILITY_UNKNOWN", message };
  }
  return { reason: "NOT_YET_VERIFIED", message: "configured; not yet proven inside the guest" };
}
