import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { hostReport } from "../mapping/hosts.ts";
import type { Node } from "../mapping/inventory.ts";
import { listNames } from "../mapping/problems.ts";
import { doneOperation, operationName } from "../operation-name.ts";

export const checkHosts =
  (cluster: Cluster): UnaryHandler<"checkHosts"> =>
  async ({ hosts }, { signal }) => {
    cluster.refresh();
    return { operation: await checkHostsNow(cluster, hosts, { signal }) };
  };

/** The check as an operation that is done; without names all nodes. @throws NOT_FOUND for a node that is not there. */
export async function checkHostsNow(
  cluster: Cluster,
  names: readonly string[],
  call: Call,
): Promise<Operation> {
  const { nodes } = await cluster.inventory(call);
  const unknown = names.filter((name) => !nodes.some((node) => node.name === name));
  if (unknown.length > 0) throw unknownHosts(unknown, nodes);
  const hosts = nodes
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((node) => hostReport(node, cluster.settings));
  const name = operationName({ kind: "hosts", names: [...names] });
  return { ...doneOperation("check hosts", name), result: { $case: "hosts", value: { hosts } } };
}

const unknownHosts = (names: readonly string[], nodes: readonly Node[]): ProviderError =>
  new ProviderError({
    code: status.NOT_FOUND,
    reason: "HOST_NOT_FOUND",
    message: `there is no node ${names.join(", ")}; there are: ${listNames(nodes.map(({ name }) => name))}`,
  });
