import { randomUUID } from "node:crypto";
import { Firmware, type PreparedImage, VMSpec } from "@virtrigaud/proto";
import { type Host, type Nesting, scriptedHosts } from "./hosts.ts";
import { Inventory } from "./inventory.ts";
import { placeForeignMachine } from "./machine-tasks.ts";
import { Tasks } from "./tasks.ts";

/** What the guests of the hypervisor are scripted to answer: nothing runs, so by itself nothing can be proven. */
export type Guest = "simulated" | "true" | "false" | "unknown";

/** A template: what a clone of it begins with. */
export interface Template {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly firmware: Firmware;
}

/** How a hypervisor is scripted. */
export interface HypervisorScript {
  /** What its hosts say about nested virtualization; default "capable". */
  readonly nesting?: Nesting;
  /** What its guests answer to a proof; default "simulated". */
  readonly guest?: Guest;
  /** How long a native task takes, in milliseconds; default 20. */
  readonly taskMs?: number;
}

/** A hypervisor in memory. It outlives the daemons in front of it: it alone holds machines, tasks and ownership. */
export interface Hypervisor {
  readonly id: string;
  readonly hosts: readonly Host[];
  /** What guests answer from now on; a test may change it, as a guest does that has booted. */
  guest: Guest;
  readonly inventory: Inventory;
  readonly tasks: Tasks;
  readonly templates: ReadonlyMap<string, Template>;
  /** Imported images by the URL that they came from. */
  readonly images: Map<string, PreparedImage>;
  readonly storageClasses: readonly string[];
  readonly networks: readonly string[];
  /** Names of disks that were detached and kept. */
  readonly keptDisks: string[];
}

const GiB = 1024 ** 3;

/** A hypervisor with the scripted hosts, one template, two classes of storage, three names for its network and a VM of somebody else. */
export function createHypervisor(script: HypervisorScript = {}): Hypervisor {
  const firmware = Firmware.UEFI;
  const hypervisor: Hypervisor = {
    id: randomUUID(),
    hosts: scriptedHosts[script.nesting ?? "capable"],
    guest: script.guest ?? "simulated",
    inventory: new Inventory(),
    tasks: new Tasks(script.taskMs ?? 20),
    templates: new Map([["ubuntu-22.04", { cpus: 1, memoryBytes: 1 * GiB, diskBytes: 4 * GiB, firmware }]]),
    images: new Map(),
    storageClasses: ["fast-ssd", "standard"],
    networks: ["VM Network", "default", "vmbr0"],
    keptDisks: [],
  };
  const config = VMSpec.fromPartial({ name: "legacy-db", cpus: 2, memoryBytes: 4 * GiB });
  placeForeignMachine(hypervisor, { config, host: "host-1" });
  return hypervisor;
}
