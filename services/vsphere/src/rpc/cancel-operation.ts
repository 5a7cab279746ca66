import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import type { Call } from "../call.ts";
import { isFault, providerError } from "../errors.ts";
import { parseOperationName } from "../operation-name.ts";
import type { Vcenter } from "../vcenter.ts";
import { lookAt } from "./get-operation.ts";

export const cancelOperation =
  (vcenter: Vcenter): UnaryHandler<"cancelOperation"> =>
  async ({ name }, { signal }) => {
    const operation = parseOperationName(name);
    if (operation.kind === "task") await cancelTask(vcenter, operation.task, { signal });
    return { operation: await lookAt(vcenter, name, { signal }) };
  };

/** A task that is done already answers InvalidState; it stays as it is. */
async function cancelTask(vcenter: Vcenter, task: string, call: Call): Promise<void> {
  try {
    await vcenter.client.call("CancelTask", { type: "Task", value: task }, {}, call);
  } catch (error) {
    if (isFault(error, "InvalidState", "ManagedObjectNotFound")) return;
    if (!isFault(error, "NotSupported")) throw providerError(`cancelling task ${task}`, error);
    throw new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "NOT_CANCELLABLE",
      message: "vCenter cannot cancel this task; wait for it",
      cause: error,
    });
  }
}
