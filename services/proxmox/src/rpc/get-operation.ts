import type { UnaryHandler } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { doneOperation, parseOperationName } from "../operation-name.ts";
import { taskNow } from "../task-operation.ts";
import { checkHostsNow } from "./check-hosts.ts";

export const getOperation =
  (cluster: Cluster): UnaryHandler<"getOperation"> =>
  async ({ name }, { signal }) => ({ operation: await lookAt(cluster, name, { signal }) });

/** An operation as it is now: from its name and Proxmox VE alone, unless it is daemon-lived work. */
export async function lookAt(cluster: Cluster, name: string, call: Call): Promise<Operation> {
  if (cluster.jobs.owns(name)) return cluster.jobs.get(name);
  const operation = parseOperationName(name);
  switch (operation.kind) {
    case "task":
      return taskNow(cluster, name, operation, call);
    case "hosts":
      return checkHostsNow(cluster, operation.names, call);
    case "done":
      return doneOperation(operation.description, name);
  }
}
