import type { RevertSnapshotRequest, RevertSnapshotResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { revertMachine } from "../hypervisor/snapshot-tasks.ts";
import { observeTask } from "../mapping/operation.ts";
import { assertIdle, ownedMachine } from "./owned.ts";
import { snapshotOf } from "./snapshot-of.ts";

/** RevertSnapshot: back to the configuration, and the memory, of then. */
export function revertSnapshot(context: Context, request: RevertSnapshotRequest): RevertSnapshotResponse {
  const machine = ownedMachine(context, request.uid);
  const snapshot = snapshotOf(machine, request.snapshotId);
  assertIdle(context.hypervisor, machine);
  return { operation: observeTask(revertMachine(context.hypervisor, machine, snapshot)) };
}
