import { Tristate, type VMSpec, type Violation } from "@virtrigaud/proto";
import type { Inventory, Node } from "./inventory.ts";
import { needsNesting, nodeNesting } from "./nesting.ts";
import { listNames, type Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";

/** Names that Proxmox VE has nothing for, as the request has them. */
const foreign = ["cluster", "folder", "datacenter"] as const;

/** The nodes that the VM may be on by what is named, online; violations where there is none. */
export function candidates(
  { placement }: VMSpec,
  { nodes }: Inventory,
  settings: Settings,
  problems: Problems,
): Node[] {
  for (const key of foreign)
    if (placement?.[key])
      problems.add(
        `spec.placement.${key}`,
        "PLACEMENT_UNSUPPORTED",
        `Proxmox VE has no ${key} to place VMs in; leave it out`,
      );
  const wanted = placement?.host || settings.node;
  const named = wanted === undefined || wanted === "" ? nodes : nodes.filter(({ name }) => name === wanted);
  const names = listNames(nodes.map(({ name }) => name));
  if (named.length === 0)
    problems.add(
      "spec.placement.host",
      "PLACEMENT_UNKNOWN",
      `there is no node ${wanted}; there are: ${names}; name one of them or leave the host out`,
    );
  else if (named.every(({ online }) => !online))
    problems.add(
      "spec.placement.host",
      "NODE_OFFLINE",
      `no node that the VM may be on is online (${listNames(named.map(({ name }) => name))}); start it or name another (there are: ${names})`,
    );
  return named.filter(({ online }) => online);
}

/** A plan for one node. */
export interface Attempt {
  node: Node;
  violations: readonly Violation[];
}

/**
 * The best of the plans that have no violations: where nesting is required on a node that is known to give it rather than on one that does
 * not tell, then on the node with the most free memory.
 */
export function bestAttempt<T extends Attempt>(
  attempts: readonly T[],
  spec: VMSpec,
  { accel }: Settings,
): T | undefined {
  const rank = ({ node }: Attempt): readonly [number, number] => [
    Number(needsNesting(spec) && nodeNesting(node, accel) === Tristate.TRUE),
    node.memoryFreeBytes ?? 0,
  ];
  return attempts
    .filter(({ violations }) => violations.length === 0)
    .sort((a, b) => rank(b)[0] - rank(a)[0] || rank(b)[1] - rank(a)[1])[0];
}

/** Why no node can take the VM: what all of them say, then by field and reason what each one says. */
export function combined(attempts: readonly Attempt[]): Violation[] {
  const all = attempts.flatMap(({ violations }) => violations);
  const isCommon = (violation: Violation) =>
    attempts.every(({ violations }) => violations.some((other) => isSame(other, violation)));
  const common = (attempts[0]?.violations ?? []).filter(isCommon);
  const groups = new Map<string, Violation>();
  for (const violation of all.filter((one) => !common.some((other) => isSame(other, one)))) {
    const key = JSON.stringify([violation.field, violation.reason]);
    const before = groups.get(key);
    const description = before ? `${before.description}; ${violation.description}` : violation.description;
    groups.set(key, { ...violation, description });
  }
  return [...common, ...groups.values()];
}

const isSame = (a: Violation, b: Violation): boolean =>
  a.field === b.field && a.reason === b.reason && a.description === b.description;
