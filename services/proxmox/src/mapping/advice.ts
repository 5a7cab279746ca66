import { type Advice, Feature, Firmware, type VMSpec } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import { isVirtualNode, needsNesting } from "./nesting.ts";
import type { Settings } from "./settings.ts";

const gib = 1024 ** 3;

type Item = readonly [applies: boolean, feature: Feature, message: string];

/** What experience advises against. Never a refusal. Takes the effective spec; `node` is undefined where none was found. */
export const advice = (spec: VMSpec, node: Node | undefined, settings: Settings): Advice[] =>
  (needsNesting(spec) ? [...nested(spec), ...nestedThere(node, settings)] : [])
    .filter(([applies]) => applies)
    .map(([, feature, message]) => ({ feature, message }));

const nested = (spec: VMSpec): Item[] => [
  [spec.cpus < 4, Feature.CPU, `${spec.cpus} CPUs are few for a VM that hosts VMs; give it 4 or more`],
  [
    spec.memoryBytes < 8 * gib,
    Feature.MEMORY,
    "less than 8 GiB is little for a VM that hosts VMs; give it 8Gi or more",
  ],
  [spec.firmware !== Firmware.UEFI, Feature.FIRMWARE_BIOS, "prefer firmware: UEFI for a VM that hosts VMs"],
  [
    spec.secureBoot === true,
    Feature.SECURE_BOOT,
    "secure boot keeps some hypervisors in the guest from loading; leave it off unless they are signed",
  ],
  [
    spec.virtualizationBasedSecurity === true,
    Feature.VIRTUALIZATION_BASED_SECURITY,
    "VBS occupies the virtualization extensions; other hypervisors in the guest may not start. Windows with Hyper-V may need kvm.ignore_msrs=Y on the node",
  ],
  [
    spec.memoryAllocation?.reservationBytes === undefined,
    Feature.MEMORY_RESERVATION,
    "without memoryReservation the inner VMs stall when the node swaps; reserve at least half of the memory",
  ],
  [spec.iommu !== true, Feature.IOMMU, "without vtdEnabled the guest cannot pass devices on to its VMs"],
];

const nestedThere = (node: Node | undefined, { accel }: Settings): Item[] => [
  [
    accel === "tcg",
    Feature.NESTED_VIRTUALIZATION,
    "the operator has VMs run by emulation (accel tcg): inner VMs work, about ten times slower or worse",
  ],
  [
    node !== undefined && isVirtualNode(node) === true,
    Feature.NESTED_VIRTUALIZATION,
    `node ${node?.name} is itself a VM: VMs inside this one are at level 3 at least, and slow`,
  ],
];
