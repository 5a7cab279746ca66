import { digestOf, type VmConfig } from "./config.ts";
import type { Guest } from "./guest.ts";

/** A snapshot: the configuration of its time, and its own keys snaptime, description, parent, vmstate. */
export type Snapshot = VmConfig;

/** A running QEMU. */
export interface Process {
  readonly pid: number;
  readonly startedAtMs: number;
  /** What QEMU itself says, `qmpstatus`. */
  status: "running" | "paused";
  /** The configuration that it was started with. */
  readonly config: Readonly<VmConfig>;
  readonly machine: string;
  /** What `-cpu` was. */
  readonly cpu: string;
  /** What its guest's CPU shows. */
  readonly virtualization: "vmx" | "svm" | undefined;
  readonly guest: Guest;
  /** Programs that the guest agent started, by PID. */
  readonly programs: Map<number, GuestProgram>;
  /** Files that the guest agent wrote. */
  readonly files: Map<string, string>;
  frozen: boolean;
}

/** What a program that the agent ran came to. */
export interface GuestProgram {
  readonly endsAtMs: number;
  readonly exitcode: number;
  readonly out: string;
  readonly err: string;
}

/** A VM: its configuration file and, while it runs, its QEMU. */
export class Vm {
  readonly vmid: number;
  readonly createdAtMs: number;
  node: string;
  config: VmConfig;
  /** Changes that wait for a restart. */
  pending: VmConfig = {};
  /** Options whose removal waits for a restart; true: volumes are removed too. */
  pendingDeletes = new Map<string, boolean>();
  readonly snapshots = new Map<string, Snapshot>();
  process: Process | undefined;

  constructor(vmid: number, node: string, config: VmConfig, createdAtMs: number) {
    this.vmid = vmid;
    this.createdAtMs = createdAtMs;
    this.node = node;
    this.config = config;
  }

  get digest(): string {
    const snapshots = [...this.snapshots].map(([name, snapshot]) => [name, Object.entries(snapshot).sort()]);
    return digestOf(
      Object.entries(this.config).sort(),
      Object.entries(this.pending).sort(),
      [...this.pendingDeletes].sort(),
      snapshots,
    );
  }

  get isTemplate(): boolean {
    return this.config["template"] === "1";
  }

  get isRunning(): boolean {
    return this.process !== undefined;
  }

  /** MiB. */
  get memoryMib(): number {
    return memoryMibOf(this.config);
  }
}

/** MiB that a configuration assigns; the option is a number or `current=number`. */
export function memoryMibOf(config: Readonly<VmConfig>): number {
  return Number(config["memory"]?.replace(/^current=/, "") ?? 512);
}
