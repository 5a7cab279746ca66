import type { UnaryHandler } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { doneOperation } from "../mapping/tasks.ts";
import { parseOperationName } from "../operation-name.ts";
import { shutdownNow } from "../shutdown-operation.ts";
import { taskNow } from "../task-operation.ts";
import type { Vcenter } from "../vcenter.ts";
import { checkHostsNow } from "./check-hosts.ts";

export const getOperation =
  (vcenter: Vcenter): UnaryHandler<"getOperation"> =>
  async ({ name }, { signal }) => ({ operation: await lookAt(vcenter, name, { signal }) });

/** An operation as it is now, from its name and vCenter alone. */
export async function lookAt(vcenter: Vcenter, name: string, call: Call): Promise<Operation> {
  const operation = parseOperationName(name);
  switch (operation.kind) {
    case "task":
      return taskNow(vcenter, name, operation, call);
    case "shutdown":
      return shutdownNow(vcenter, name, operation, call);
    case "hosts":
      return checkHostsNow(vcenter, operation.names, call);
    case "done":
      return doneOperation(name, operation.description);
  }
}
