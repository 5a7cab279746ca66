import { notFound } from "../fault.ts";
import type { Machine, MachineSnapshot } from "../hypervisor/machine.ts";

/** A machine's snapshot by its native identity. NOT_FOUND. */
export function snapshotOf(machine: Machine, id: string): MachineSnapshot {
  const snapshot = machine.snapshots.find((candidate) => candidate.id === id);
  if (!snapshot) throw notFound(`snapshot ${id} of ${machine.name}`);
  return snapshot;
}
