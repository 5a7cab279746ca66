import type { WatchOperationRequest, WatchOperationResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { observeTask, taskOf } from "../mapping/operation.ts";

/** WatchOperation: the task now and after each change; ends after it is done. */
export async function* watchOperation(
  { hypervisor }: Context,
  { name }: WatchOperationRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchOperationResponse> {
  const task = taskOf(hypervisor, name);
  while (!signal.aborted) {
    // Who listens before reading misses no change between the two.
    const changed = nextChange((listener) => hypervisor.tasks.onChange(task, listener), signal);
    const operation = observeTask(task);
    yield { operation };
    if (task.state !== "running" && operation.endTime) return;
    await changed;
  }
}

function nextChange(subscribe: (listener: () => void) => () => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribe();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const unsubscribe = subscribe(done);
    signal.addEventListener("abort", done);
  });
}
