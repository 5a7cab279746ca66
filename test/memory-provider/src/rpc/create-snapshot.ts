import { status } from "@grpc/grpc-js";
import type { CreateSnapshotRequest, CreateSnapshotResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault, invalid } from "../fault.ts";
import { takeSnapshot } from "../hypervisor/snapshot-tasks.ts";
import { assertNoNestedGuest } from "../mapping/nested-guard.ts";
import { hasAgent } from "../mapping/observe.ts";
import { observeSnapshot } from "../mapping/observe-snapshot.ts";
import { observeTask } from "../mapping/operation.ts";
import { check } from "../mapping/validate.ts";
import { assertIdle, assertRunning, ownedMachine } from "./owned.ts";

/** CreateSnapshot: one of the same name and options is a success at once. */
export function createSnapshot(context: Context, request: CreateSnapshotRequest): CreateSnapshotResponse {
  const { hypervisor } = context;
  const { uid, name, description, includeMemory: memory, quiesce, overrideNestedGuard } = request;
  const violations = check([["name", name.length >= 1 && name.length <= 80, "must have 1 to 80 characters"]]);
  if (violations.length > 0) throw invalid(violations);
  const machine = ownedMachine(context, uid);
  assertIdle(hypervisor, machine);
  const existing = machine.snapshots.find((snapshot) => snapshot.name === name);
  if (existing) {
    const value = observeSnapshot(machine, existing);
    if (value.includesMemory !== memory || value.quiesced !== quiesce) throw taken(name);
    const done = hypervisor.tasks.finished("create snapshot", { $case: "snapshot", value });
    return { operation: observeTask(done) };
  }
  if (memory) {
    assertNoNestedGuest(machine, "snapshot of the memory", overrideNestedGuard);
    assertRunning(machine);
  }
  if (quiesce && !hasAgent(machine)) {
    const message = `no agent answers in ${machine.name}; install one, or leave quiesce out`;
    throw new Fault(status.FAILED_PRECONDITION, "GUEST_AGENT_MISSING", message);
  }
  return {
    operation: observeTask(takeSnapshot(hypervisor, machine, { name, description, memory, quiesce })),
  };
}

function taken(name: string): Fault {
  const message = `a snapshot ${name} with other options exists; choose another name`;
  return new Fault(status.ALREADY_EXISTS, "NAME_TAKEN", message);
}
