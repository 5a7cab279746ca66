import { tristate } from "@virtrigaud/kit/outcomes";
import { Feature, HostReport, Tristate } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import { cpuVirtualization, guestLevel, isVirtualNode, nestingEvidence, nodeNesting } from "./nesting.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import type { Settings } from "./settings.ts";
import { atLeast, minimumPve } from "./versions.ts";

/** What the node can give, with evidence and, for each answer that is not TRUE, what to do. */
export function hostReport(node: Node, { accel }: Settings): HostReport {
  const { name, threads, coreMhz, memoryBytes, memoryFreeBytes } = node;
  const answers = abilities(node, accel);
  return HostReport.fromPartial({
    id: name,
    name,
    hypervisorVersion: [
      `Proxmox VE ${node.version || "of unknown version"}`,
      node.qemu && `QEMU ${node.qemu}`,
    ]
      .filter((part) => part !== "")
      .join(", "),
    available: tristate(node.online),
    cpuVendor: node.cpuVendor,
    cpuModel: node.cpuModel,
    ...answers,
    guestLevel: guestLevel(node),
    cpuThreads: threads ?? 0,
    cpuMhz: Math.round((threads ?? 0) * (coreMhz ?? 0)),
    memoryBytes: memoryBytes ?? 0,
    memoryFreeBytes,
    evidence: [
      `node ${node.online ? "online" : "offline"}, pve-manager ${node.version || "not told"}`,
      ...nestingEvidence(node, accel),
      `the node is ${origin(isVirtualNode(node))}`,
    ],
    remedy: remedies(node, answers),
  });
}

type Abilities = Pick<
  HostReport,
  "hardwareVirtualization" | "nestedVirtualization" | "uefi" | "secureBoot" | "tpm" | "iommu"
>;

/** Proxmox VE brings its own QEMU, firmware and TPM emulator: what a node has of them is decided by its version. */
function abilities(node: Node, accel: Settings["accel"]): Abilities {
  const { version } = node;
  const since = (feature: Feature) =>
    version === "" ? Tristate.UNKNOWN : tristate(atLeast(version, minimumPve[feature] ?? "0"));
  return {
    hardwareVirtualization: node.nestedVirt === true ? Tristate.TRUE : tristate(cpuVirtualization(node)),
    nestedVirtualization: nodeNesting(node, accel),
    uefi: since(Feature.FIRMWARE_UEFI),
    secureBoot: since(Feature.SECURE_BOOT),
    tpm: since(Feature.TPM),
    iommu: since(Feature.IOMMU),
  };
}

const origin = (isVirtual: boolean | undefined): string =>
  isVirtual === undefined
    ? "physical or virtual: not told"
    : isVirtual
      ? "itself a VM"
      : "physical as far as its CPU tells";

function remedies(node: Node, answers: Abilities): string[] {
  const upgrades = [Feature.IOMMU, Feature.SECURE_BOOT, Feature.TPM] as const;
  const known: Readonly<Record<(typeof upgrades)[number], readonly [Tristate, string]>> = {
    [Feature.IOMMU]: [answers.iommu, "a virtual IOMMU"],
    [Feature.SECURE_BOOT]: [answers.secureBoot, "secure boot"],
    [Feature.TPM]: [answers.tpm, "virtual TPMs"],
  };
  return [
    ...(node.online ? [] : [`start node ${node.name} and its pve-cluster service`]),
    ...(answers.nestedVirtualization === Tristate.TRUE ? [] : nestingRemedy(node)),
    ...(answers.nestedVirtualization === Tristate.UNKNOWN
      ? [`to be told beforehand: Proxmox VE 9.2 or later`]
      : []),
    ...upgrades.flatMap((feature) => {
      const [answer, what] = known[feature];
      return answer === Tristate.TRUE ? [] : [`for ${what}: Proxmox VE ${minimumPve[feature]} or later`];
    }),
  ];
}
