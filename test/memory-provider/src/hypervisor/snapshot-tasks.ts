import { randomUUID } from "node:crypto";
import type { Hypervisor } from "./hypervisor.ts";
import type { Machine, MachineSnapshot } from "./machine.ts";
import type { Task } from "./tasks.ts";
import { observeSnapshot } from "../mapping/observe-snapshot.ts";

/** What to take. */
export interface NewSnapshot {
  readonly name: string;
  readonly description: string;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/** Native snapshot; the task's result is it. */
export function takeSnapshot(hypervisor: Hypervisor, machine: Machine, wanted: NewSnapshot): Task {
  return hypervisor.tasks.start({
    description: "create snapshot",
    machineId: machine.id,
    cancellable: true,
    effect: () => {
      const snapshot: MachineSnapshot = {
        id: `snapshot-${randomUUID().slice(0, 8)}`,
        name: wanted.name,
        description: wanted.description,
        quiesced: wanted.quiesce,
        createTime: new Date(),
        config: machine.config,
        memory: wanted.memory ? machine.running : undefined,
        parentId: machine.currentSnapshot,
      };
      machine.snapshots.push(snapshot);
      machine.currentSnapshot = snapshot.id;
      return { $case: "snapshot", value: observeSnapshot(machine, snapshot) };
    },
  });
}

/** Native revert: the configuration of then; the memory of then, or off. The name and owner of now stay. */
export function revertMachine(hypervisor: Hypervisor, machine: Machine, snapshot: MachineSnapshot): Task {
  return hypervisor.tasks.start({
    description: "revert to snapshot",
    machineId: machine.id,
    effect: () => {
      machine.config = { ...snapshot.config, name: machine.name };
      machine.running = snapshot.memory;
      machine.power = snapshot.memory ? "on" : "off";
      machine.poweredOnAt = snapshot.memory ? new Date() : undefined;
      machine.currentSnapshot = snapshot.id;
      hypervisor.inventory.changed(machine);
    },
  });
}

/** Native removal of a snapshot; its children move to its parent. */
export function removeSnapshot(hypervisor: Hypervisor, machine: Machine, snapshot: MachineSnapshot): Task {
  return hypervisor.tasks.start({
    description: "delete snapshot",
    machineId: machine.id,
    effect: () => {
      machine.snapshots = machine.snapshots.filter(({ id }) => id !== snapshot.id);
      for (const child of machine.snapshots) {
        if (child.parentId === snapshot.id) child.parentId = snapshot.parentId;
      }
      if (machine.currentSnapshot === snapshot.id) machine.currentSnapshot = snapshot.parentId;
    },
  });
}
