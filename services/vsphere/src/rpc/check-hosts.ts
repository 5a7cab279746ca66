import { invalidArgument, ProviderError, status, type UnaryHandler, violation } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { hostReport } from "../mapping/hosts.ts";
import { listNames } from "../mapping/problems.ts";
import { doneOperation } from "../mapping/tasks.ts";
import { operationName } from "../operation-name.ts";
import type { Vcenter } from "../vcenter.ts";

/** The operation's name holds the hosts' names, and an operation's name is at most 1,024 bytes, a third of it encoding. */
const maxNamesBytes = 700;

export const checkHosts =
  (vcenter: Vcenter): UnaryHandler<"checkHosts"> =>
  async ({ hosts }, { signal }) => {
    if (Buffer.byteLength(JSON.stringify(hosts)) > maxNamesBytes) {
      const text = "names more hosts than an operation can hold; leave it empty for all, or ask in parts";
      throw invalidArgument([violation("hosts", "OUT_OF_RANGE", text)]);
    }
    return { operation: await checkHostsNow(vcenter, hosts, { signal }) };
  };

/** vCenter knows the answers already, so the operation is done at once; its name asks again. */
export async function checkHostsNow(vcenter: Vcenter, names: string[], call: Call): Promise<Operation> {
  const [about, inventory] = await Promise.all([vcenter.about(call), vcenter.inventory(call)]);
  const known = inventory.hosts.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ProviderError({
      code: status.NOT_FOUND,
      reason: "HOST_NOT_FOUND",
      message: `no host ${listNames(unknown)}; there are: ${listNames(known)}`,
    });
  }
  const reports = inventory.hosts
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((host) => hostReport(host, inventory, about))
    .sort((a, b) => a.name.localeCompare(b.name));
  return {
    ...doneOperation(operationName({ kind: "hosts", names }), "check hosts"),
    result: { $case: "hosts", value: { hosts: reports } },
  };
}
