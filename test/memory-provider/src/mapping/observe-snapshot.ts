import type { Snapshot } from "@virtrigaud/proto";
import type { Machine, MachineSnapshot } from "../hypervisor/machine.ts";

/** A snapshot in the contract's terms. */
export function observeSnapshot(machine: Machine, snapshot: MachineSnapshot): Snapshot {
  const { id, name, description, quiesced, createTime, parentId } = snapshot;
  return {
    id,
    name,
    description,
    includesMemory: snapshot.memory !== undefined,
    quiesced,
    parentId,
    current: machine.currentSnapshot === id,
    createTime,
  };
}
