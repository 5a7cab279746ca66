import type { DeleteSnapshotRequest, DeleteSnapshotResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { removeSnapshot } from "../hypervisor/snapshot-tasks.ts";
import { observeTask } from "../mapping/operation.ts";
import { assertIdle, ownedMachine } from "./owned.ts";

/** DeleteSnapshot: one that does not exist is a success at once. */
export function deleteSnapshot(context: Context, request: DeleteSnapshotRequest): DeleteSnapshotResponse {
  const { hypervisor } = context;
  const machine = ownedMachine(context, request.uid);
  const snapshot = machine.snapshots.find(({ id }) => id === request.snapshotId);
  if (!snapshot) return { operation: observeTask(hypervisor.tasks.finished("delete snapshot")) };
  assertIdle(hypervisor, machine);
  return { operation: observeTask(removeSnapshot(hypervisor, machine, snapshot)) };
}
