import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import { CpuVendor, NestedPolicy, Tristate, type VMSpec } from "@virtrigaud/proto";
import { showsHost } from "./configured.ts";
import { bestModel } from "./cpu-models.ts";
import type { Node } from "./inventory.ts";
import { type CpuFlag, encodeCpu } from "./language/cpu.ts";
import { hasNestedFlag, isVirtualNode, nestingEvidence, nodeNesting } from "./nesting.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { atLeast, nestedFlagSince } from "./versions.ts";
import type { Parameters } from "./vm-config.ts";

export interface CpuScope {
  node: Node;
  /** All nodes of the cluster: a VM shall run on each that is like its own. */
  nodes: readonly Node[];
  settings: Settings;
  /** Whether the VM is made from a template, whose own CPU is as good as any where nothing is asked for. */
  isClone: boolean;
}

const field = "spec.nested_virtualization";

/**
 * The guest's CPU. Unset would be kvm64, which current Linux distributions do not boot on. Where the `cpu` option has nested-virt it is
 * said either way, so that it can be read back; a vendor's model with it refuses to start on a node that cannot nest, which `host`
 * does not. Takes the effective spec.
 */
export function cpu(spec: VMSpec, scope: CpuScope, problems: Problems): Parameters {
  const { settings, isClone, node } = scope;
  const policy = nestedPolicy(spec);
  const emulated: Parameters = settings.accel === "tcg" ? { kvm: 0 } : {};
  if (policy === NestedPolicy.UNSPECIFIED && isClone && settings.cpuModel === undefined) return emulated;
  if (policy === NestedPolicy.REQUIRED && refuseNesting(scope, problems)) return emulated;
  const type = modelFor(policy, scope);
  const flags: CpuFlag[] = [...nestedFlag(policy, node), ...hypervFlags(spec, node)];
  const option = problems.written("spec", () =>
    encodeCpu({ type, ...(flags.length === 0 ? {} : { flags }) }),
  );
  return option === undefined ? emulated : { cpu: option, ...emulated };
}

/** Whether nesting is refused, because of the node or of the operator's CPU model. */
function refuseNesting({ node, settings }: CpuScope, problems: Problems): boolean {
  const { accel, cpuModel } = settings;
  const refuse = (description: string): boolean => {
    problems.add(field, "NESTED_UNSUPPORTED", description);
    return true;
  };
  if (nodeNesting(node, accel) === Tristate.FALSE)
    return refuse(
      `node ${node.name} cannot give nested virtualization (${nestingEvidence(node, accel).join(", ")}); ${nestingRemedy(node).join("; ")}`,
    );
  if (cpuModel === undefined || showsHost(cpuModel)) return false;
  if (neverNests(cpuModel))
    return refuse(
      `the operator's CPU model ${cpuModel} never shows vmx or svm to a guest; set the provider's cpuModel to host, to a model of the CPU's vendor, or leave it out`,
    );
  if (hasNestedFlag(node)) return false;
  return refuse(
    `the operator's CPU model ${cpuModel} nests from Proxmox VE ${nestedFlagSince} on, node ${node.name} has ${node.version}; set the provider's cpuModel to host, or leave it out`,
  );
}

/** Proxmox VE's portable models and QEMU's generic ones are made without a vendor, and so without vmx and svm. */
const neverNests = (model: string): boolean => /^(?:x86-64-v\d.*|kvm(?:32|64)|qemu(?:32|64))$/.test(model);

function modelFor(policy: NestedPolicy, scope: CpuScope): string {
  const { node, settings } = scope;
  const { cpuModel } = settings;
  if (policy === NestedPolicy.REQUIRED) return cpuModel ?? nestingModel(scope);
  const canHide = policy !== NestedPolicy.DISABLED || hasNestedFlag(node) || !showsHost(cpuModel ?? "");
  // Emulated, the generic models but kvm64 have svm.
  if (policy === NestedPolicy.DISABLED && settings.accel === "tcg") return "kvm64";
  return cpuModel !== undefined && canHide ? cpuModel : portableModel(node);
}

/** The node's vendor's best model, so that the VM can start on every node of the cluster that is like it. */
function nestingModel({ node, nodes, settings }: CpuScope): string {
  if (settings.accel === "tcg") return "max";
  // A model with vmx asks for the VMX details of its real CPU, which a virtual one seldom has.
  if (!hasNestedFlag(node) || isVirtualNode(node) !== false) return "host";
  const alike = nodes.filter(
    (one) => one.online && one.cpuVendor === node.cpuVendor && nodeNesting(one, "kvm") !== Tristate.FALSE,
  );
  return bestModel(node.cpuVendor, alike) ?? "host";
}

/** What Proxmox VE's web interface offers first; its API's own default before there was one. */
function portableModel({ version, cpuFlags }: Node): string {
  const hasAes = cpuFlags?.has("aes") ?? true;
  return atLeast(version, "8.0") && hasAes ? "x86-64-v2-AES" : "kvm64";
}

function nestedFlag(policy: NestedPolicy, node: Node): CpuFlag[] {
  if (policy === NestedPolicy.UNSPECIFIED || !hasNestedFlag(node)) return [];
  return [policy === NestedPolicy.REQUIRED ? "+nested-virt" : "-nested-virt"];
}

/** The Hyper-V enlightenments that a flag switches; a Windows `ostype` brings the others. evmcs is Intel's. */
function hypervFlags({ virtualizationBasedSecurity }: VMSpec, { cpuVendor }: Node): CpuFlag[] {
  if (!virtualizationBasedSecurity) return [];
  return cpuVendor === CpuVendor.INTEL ? ["+hv-tlbflush", "+hv-evmcs"] : ["+hv-tlbflush"];
}
