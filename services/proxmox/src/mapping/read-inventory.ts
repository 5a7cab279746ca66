import type { Inventory, Node, Permissions, Reserved, TemplateEntry } from "./inventory.ts";
import { flagOf, type Json, listOf, membersOf, numberOf, textOf } from "./json.ts";
import { type NodeAnswers, readNode } from "./read-node.ts";

/** The answers that an inventory is made from. What could not be read is undefined. */
export interface InventoryAnswers {
  /** GET /version: of the node that was asked, and of those that do not tell theirs. */
  version: Json;
  /** GET /nodes */
  nodes: Json;
  /** GET /cluster/resources: VMs and nodes. */
  resources: Json;
  /** GET /nodes/{any}/capabilities/qemu/cpu-flags for the accelerator in use: it tells of every node. */
  cpuFlags?: Json;
  /** GET /access/permissions */
  permissions?: Json;
  /** By node. */
  details: ReadonlyMap<string, NodeAnswers>;
  /** What VMs of ours were promised, by node. */
  reserved: ReadonlyMap<string, Reserved>;
}

/** Reads what the API says of a cluster. Proxmox VE of any version, and answers with holes: a hole is "not known", never an error. */
export function readInventory(answers: InventoryAnswers): Inventory {
  const version = textOf(membersOf(answers.version).version);
  const resources = listOf(answers.resources);
  const nesting = nestingNodes(answers.cpuFlags);
  const nodes = listOf(answers.nodes).flatMap((entry): Node[] => {
    const name = textOf(entry.node);
    if (name === "") return [];
    const resource = resources.find(({ type, node }) => type === "node" && node === name) ?? {};
    const details = answers.details.get(name) ?? {};
    const node = readNode(name, entry, resource, details, version);
    const reserved = answers.reserved.get(name) ?? { cpuMhz: 0, memoryBytes: 0 };
    return [{ ...node, nestedVirt: nesting?.has(name), reserved }];
  });
  return {
    nodes: nodes.sort((a, b) => (a.name < b.name ? -1 : 1)),
    templates: readTemplates(answers.resources),
    permissions: readPermissions(answers.permissions),
  };
}

/** The templates of a `GET /cluster/resources`. */
export const readTemplates = (resources: Json): TemplateEntry[] =>
  listOf(resources).flatMap(({ type, template, vmid, name, node }) => {
    const id = numberOf(vmid);
    if (type !== "qemu" || !flagOf(template) || id === undefined) return [];
    return [{ vmid: id, name: textOf(name), node: textOf(node) }];
  });

/** The nodes whose KVM lets guests nest; undefined where the answer does not tell, as before 9.2. */
export function nestingNodes(cpuFlags: Json): Set<string> | undefined {
  const flag = listOf(cpuFlags).find(({ name }) => name === "nested-virt");
  const nodes = flag?.["supported-on"];
  return Array.isArray(nodes) ? new Set(nodes.map(textOf)) : undefined;
}

/** Privileges by path, as `GET /access/permissions` shows them. */
export function readPermissions(answer: Json): Permissions | undefined {
  if (answer === undefined) return undefined;
  const paths = Object.entries(membersOf(answer));
  return new Map(paths.map(([path, held]) => [path, new Set(Object.keys(membersOf(held)))]));
}
