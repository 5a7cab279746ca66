import { nestedPolicy, tristate } from "@virtrigaud/kit/outcomes";
import { CpuVendor, NestedPolicy, Tristate, type VMSpec } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import type { Settings } from "./settings.ts";
import { atLeast, nestedFlagSince } from "./versions.ts";

/** The CPU feature that carries nested virtualization. */
export type NestedFeature = "vmx" | "svm";
type Accel = Settings["accel"];

/** Whether a spec requires nested virtualization. Takes the effective spec. */
export const needsNesting = (spec: VMSpec): boolean => nestedPolicy(spec) === NestedPolicy.REQUIRED;

/** Whether a node's `cpu` option takes the flag nested-virt. */
export const hasNestedFlag = ({ version }: Pick<Node, "version">): boolean =>
  atLeast(version, nestedFlagSince);

/** The feature that guests get there; undefined when the vendor is not told or has none. QEMU emulates AMD's only. */
export function nestedFeature(node: Node, accel: Accel): NestedFeature | undefined {
  if (accel === "tcg") return "svm";
  switch (node.cpuVendor) {
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

/** Whether a VM on this node can be given nested virtualization. Before 9.2 a node tells only of its CPU, never of its KVM module. */
export function nodeNesting(node: Node, accel: Accel): Tristate {
  if (accel === "tcg") return Tristate.TRUE;
  if (node.nestedVirt !== undefined) return tristate(node.nestedVirt);
  if (node.cpuVendor === CpuVendor.OTHER || cpuVirtualization(node) === false) return Tristate.FALSE;
  return Tristate.UNKNOWN;
}

/** Whether /proc/cpuinfo shows VT-x or AMD-V; undefined when it could not be read. */
export const cpuVirtualization = ({ cpuFlags }: Pick<Node, "cpuFlags">): boolean | undefined =>
  cpuFlags && (cpuFlags.has("vmx") || cpuFlags.has("svm"));

/** Whether a node is itself a VM; undefined when it does not tell. */
export const isVirtualNode = ({ cpuFlags }: Pick<Node, "cpuFlags">): boolean | undefined =>
  cpuFlags?.has("hypervisor");

/** "At least" level of a VM on this node; 0 when it is not known. */
export function guestLevel(node: Pick<Node, "cpuFlags">): number {
  const virtual = isVirtualNode(node);
  return virtual === undefined ? 0 : virtual ? 2 : 1;
}

/** What {@link nodeNesting} rests on, a line each. */
export function nestingEvidence(node: Node, accel: Accel): string[] {
  const flags = ["vmx", "svm", "hypervisor"].filter((flag) => node.cpuFlags?.has(flag));
  const supported =
    node.nestedVirt === undefined
      ? `not told by Proxmox VE ${node.version || "of unknown version"}`
      : node.nestedVirt
        ? `supported on ${node.name}`
        : `not supported on ${node.name}`;
  return [
    `capabilities/qemu/cpu-flags?accel=${accel}: nested-virt ${supported}`,
    node.cpuFlags === undefined
      ? "cpuinfo.flags: not readable"
      : `cpuinfo.flags: ${flags.join(", ") || "none of vmx, svm, hypervisor"}`,
  ];
}
