import { isDeepStrictEqual } from "node:util";
import { type Operation, OperationState, type WatchOperationResponse } from "@virtrigaud/proto";
import { pause } from "./poll.ts";
import type { CallContext } from "./serve/routes.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Serves WatchOperation by reading the operation again and again: as it is now, after each change, until it is done. The pauses
 * grow from 0.1 to 2 seconds and start anew with each change.
 */
export async function* watchOperation(
  getOperation: (name: string, context: CallContext) => Promise<Operation>,
  name: string,
  context: CallContext,
): AsyncGenerator<WatchOperationResponse> {
  let last: Operation | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const operation = await getOperation(name, context);
    const changed = !isDeepStrictEqual(operation, last);
    if (changed) yield { operation };
    if (operation.state !== OperationState.RUNNING) return;
    pauseMs = changed ? FIRST_PAUSE_MS : Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
    last = operation;
    await pause(pauseMs, context.signal);
  }
}
