import type { ListSnapshotsRequest, ListSnapshotsResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { observeSnapshot } from "../mapping/observe-snapshot.ts";
import { ownedMachine } from "./owned.ts";

/** ListSnapshots: in the order they were taken, so parents come before children. */
export function listSnapshots(context: Context, { uid }: ListSnapshotsRequest): ListSnapshotsResponse {
  const machine = ownedMachine(context, uid);
  return { snapshots: machine.snapshots.map((snapshot) => observeSnapshot(machine, snapshot)) };
}
