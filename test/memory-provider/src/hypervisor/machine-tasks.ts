import { randomUUID } from "node:crypto";
import type { VMSpec } from "@virtrigaud/proto";
import type { Hypervisor } from "./hypervisor.ts";
import type { Machine, Marker } from "./machine.ts";
import type { Task } from "./tasks.ts";

/** What a machine begins with. */
export interface NewMachine {
  readonly config: VMSpec;
  readonly host: string;
  readonly marker?: Marker;
  readonly linkedTo?: string;
}

/** Native creation: name and uid are taken at once, the machine exists when the task has ended. */
export function createMachine(hypervisor: Hypervisor, start: NewMachine, description = "create VM"): Task {
  const { inventory, tasks } = hypervisor;
  const machine = blank(start);
  inventory.reserve(machine);
  return tasks.start({
    description,
    machineId: machine.id,
    cancellable: true,
    effect: () => void inventory.bear(machine),
    rollback: () => inventory.remove(machine),
  });
}

/** A machine that was there before anyone came: nobody owns it, and it runs. */
export function placeForeignMachine({ inventory }: Pick<Hypervisor, "inventory">, start: NewMachine): void {
  const machine = blank(start);
  Object.assign(machine, { power: "on", running: machine.config, poweredOnAt: new Date() });
  inventory.reserve(machine);
  inventory.bear(machine);
}

/** Native reconfiguration: stores a configuration. What runs is not touched. */
export function reconfigureMachine(hypervisor: Hypervisor, machine: Machine, config: VMSpec): Task {
  return hypervisor.tasks.start({
    description: "reconfigure VM",
    machineId: machine.id,
    cancellable: true,
    effect: () => {
      const kept = new Set(config.disks.map((disk) => disk.name));
      for (const disk of machine.config.disks) {
        if (!kept.has(disk.name)) hypervisor.keptDisks.push(`${machine.id}/${disk.name}`);
      }
      if (config.name !== machine.name) hypervisor.inventory.rename(machine, config.name);
      machine.config = config;
      hypervisor.inventory.changed(machine);
    },
  });
}

/** A native change of power. "cycle" is off and on again: what is stored then runs. */
export type PowerTarget = Machine["power"] | "cycle" | "reset";

/** What each change of power is called in its task. */
export const powerDescription: Readonly<Record<PowerTarget, string>> = {
  on: "power on",
  off: "power off",
  suspended: "suspend",
  cycle: "power off and on",
  reset: "restart",
};

/** Starts a native change of power. */
export function powerMachine(hypervisor: Hypervisor, machine: Machine, target: PowerTarget): Task {
  return hypervisor.tasks.start({
    description: powerDescription[target],
    machineId: machine.id,
    effect: () => {
      const resumed = target === "on" && machine.power === "suspended";
      if (target === "off") machine.running = undefined;
      // A reset keeps the virtual hardware as it was when the machine was powered on; only off and on loads what is stored.
      if (target === "cycle" || (target === "on" && !resumed)) {
        machine.running = machine.config;
        machine.proof = undefined; // what the guest could before says nothing of what it can now
      }
      if (target === "cycle" || target === "on" || target === "reset") machine.poweredOnAt = new Date();
      machine.power = target === "off" || target === "suspended" ? target : "on";
      hypervisor.inventory.changed(machine);
    },
  });
}

/** Native destruction of a machine that is off. */
export function destroyMachine(hypervisor: Hypervisor, machine: Machine, retainDisks: boolean): Task {
  const disks = machine.config.disks.map((disk) => `${machine.id}/${disk.name}`);
  return hypervisor.tasks.start({
    description: retainDisks ? `delete VM, keeping disks ${disks.join(", ")}` : "delete VM",
    machineId: machine.id,
    effect: () => {
      if (retainDisks) hypervisor.keptDisks.push(...disks);
      hypervisor.inventory.remove(machine);
    },
  });
}

function blank({ config, host, marker, linkedTo = "" }: NewMachine): Machine {
  return {
    id: `vm-${randomUUID().slice(0, 8)}`,
    host,
    createTime: new Date(),
    sequence: 0,
    name: config.name,
    marker,
    config,
    running: undefined,
    power: "off",
    poweredOnAt: undefined,
    snapshots: [],
    currentSnapshot: "",
    proof: undefined,
    linkedTo,
    protected: false,
  };
}
