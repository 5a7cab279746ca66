import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import { OperationState } from "@virtrigaud/proto";
import type { Host } from "../host.ts";
import { lookAt } from "./get-operation.ts";

export const cancelOperation =
  (host: Host): UnaryHandler<"cancelOperation"> =>
  async ({ name }, call) => {
    if (host.jobs.owns(name)) return { operation: await host.jobs.cancel(name) };
    const operation = await lookAt(host, name, call);
    if (operation.state !== OperationState.RUNNING) return { operation };
    throw new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "NOT_CANCELLABLE",
      message: "a guest that was asked to shut down cannot be asked not to; power it on again when it is off",
    });
  };
