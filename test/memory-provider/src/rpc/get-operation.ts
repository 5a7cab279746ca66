import type { GetOperationRequest, GetOperationResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { observeTask, taskOf } from "../mapping/operation.ts";

/** GetOperation: the hypervisor's task as it is now. */
export function getOperation({ hypervisor }: Context, { name }: GetOperationRequest): GetOperationResponse {
  return { operation: observeTask(taskOf(hypervisor, name)) };
}
