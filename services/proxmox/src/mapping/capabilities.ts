import { outcomeTable } from "@virtrigaud/kit/outcomes";
import { type Capability, Feature, featureToNumber, Support, Tristate } from "@virtrigaud/proto";
import type { Inventory, Node } from "./inventory.ts";
import { nodeNesting } from "./nesting.ts";
import { nestingRemedy } from "./nesting-remedy.ts";
import { listNames } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { usableStorages } from "./storage.ts";
import { atLeast, minimumPve } from "./versions.ts";

type Finding = Pick<Capability, "support" | "reason">;
const supported: Finding = { support: Support.SUPPORTED, reason: "" };
const unsupported = (reason: string): Finding => ({ support: Support.UNSUPPORTED, reason });
const unknown = (reason: string): Finding => ({ support: Support.UNKNOWN, reason });

/** Knobs beyond the outcome table, with Proxmox VE's name of what does each. */
const knobs: readonly (readonly [Feature, string])[] = [
  [Feature.DISK_PROVISIONING, "type of the storage"],
  [Feature.DISK_SIZE, "STORAGE:GiB, resize"],
  [Feature.STORAGE_CLASS, "storage"],
  [Feature.DISK_CONTROLLER, "bus, scsihw"],
  [Feature.DISK_IOPS_LIMIT, "iops"],
  [Feature.NETWORK_INTERFACE, "netN"],
  [Feature.MAC_ADDRESS, "netN"],
  [Feature.MTU, "netN: mtu"],
  [Feature.VLAN, "netN: tag"],
  [Feature.STATIC_ADDRESS, "ipconfigN, or NoCloud network-config"],
  [Feature.SRIOV, "hostpciN: mapping"],
  [Feature.IMAGE, "clone"],
  [Feature.PLACEMENT, "node, storage, pool"],
  [Feature.EXTRA_CONFIG, "options"],
];

/**
 * Everything a caller can ask for, as the cluster has it now: supported where one node can.
 * @param verbs what the daemon does beyond a VM's knobs, with the path of the API behind each; what is not listed is unsupported.
 */
export function capabilities(
  { nodes }: Inventory,
  settings: Settings,
  verbs: ReadonlyMap<Feature, string>,
): Capability[] {
  const table = outcomeTable.flatMap(({ feature, cells }) =>
    cells.proxmox.outcome === "REFUSED" ? [] : [[feature, cells.proxmox.mechanism] as const],
  );
  const all = new Map([...table.reverse(), ...knobs, ...verbs]);
  const online = nodes.filter((node) => node.online);
  return [...all]
    .map(([feature, mechanism]) => ({
      feature,
      mechanism,
      ...probe(feature, online, settings),
      minimumVersion: minimumPve[feature] ?? "",
      observedVersion: newest(online),
    }))
    .sort((a, b) => featureToNumber(a.feature) - featureToNumber(b.feature));
}

const newest = (nodes: readonly Node[]): string =>
  nodes.map(({ version }) => version).sort((a, b) => (atLeast(a, b) ? -1 : 1))[0] ?? "";

function probe(feature: Feature, nodes: readonly Node[], settings: Settings): Finding {
  const minimum = minimumPve[feature];
  const able = minimum === undefined ? nodes : nodes.filter(({ version }) => atLeast(version, minimum));
  if (nodes.length === 0) return unknown("no node is online");
  if (able.length === 0)
    return unsupported(
      `needs Proxmox VE ${minimum}; the newest online node has ${newest(nodes) || "an unknown one"}`,
    );
  switch (feature) {
    case Feature.NESTED_VIRTUALIZATION:
      return nesting(able, settings);
    case Feature.VIRTUALIZATION_BASED_SECURITY:
      return vbs(able, settings);
    case Feature.CLOUD_INIT:
      return seeds(able);
    default:
      return supported;
  }
}

function nesting(nodes: readonly Node[], { accel }: Settings): Finding {
  const answers = nodes.map((node) => nodeNesting(node, accel));
  if (answers.includes(Tristate.TRUE)) return supported;
  const first = nodes[answers.indexOf(Tristate.UNKNOWN)] ?? nodes[0];
  const remedy = first === undefined ? "" : nestingRemedy(first).join("; ");
  return answers.includes(Tristate.UNKNOWN)
    ? unknown(`Proxmox VE does not tell before 9.2; a VM may be tried. If it fails: ${remedy}`)
    : unsupported(remedy);
}

/** VBS implies an IOMMU. */
function vbs(nodes: readonly Node[], settings: Settings): Finding {
  const minimum = minimumPve[Feature.IOMMU] ?? "";
  const able = nodes.filter(({ version }) => atLeast(version, minimum));
  return able.length === 0
    ? unsupported(
        `implies an IOMMU, which needs Proxmox VE ${minimum}; the newest online node has ${newest(nodes)}`,
      )
    : nesting(able, settings);
}

/** User-data travels as an ISO image. */
function seeds(nodes: readonly Node[]): Finding {
  if (nodes.some((node) => usableStorages(node, "iso").length > 0)) return supported;
  const names = listNames(nodes.flatMap(({ storages }) => storages.map(({ name }) => name)));
  return unsupported(
    `no online node has an active storage for ISO images (there are: ${names}); let one take them: pvesm set STORAGE --content iso,…`,
  );
}
