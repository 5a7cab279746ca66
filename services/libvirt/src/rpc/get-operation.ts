import type { UnaryHandler } from "@virtrigaud/kit";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Host } from "../host.ts";
import { doneOperation, parseOperationName } from "../operation-name.ts";
import { shutdownNow } from "../shutdown-operation.ts";

export const getOperation =
  (host: Host): UnaryHandler<"getOperation"> =>
  async ({ name }, call) => ({ operation: await lookAt(host, name, call) });

/** An operation as it is now. */
export async function lookAt(host: Host, name: string, call: Call): Promise<Operation> {
  if (host.jobs.owns(name)) return host.jobs.get(name);
  const operation = parseOperationName(name);
  return operation.kind === "done"
    ? doneOperation(operation.description, name)
    : shutdownNow(host, name, operation, call);
}
