import type { AppliedCapability, NestingVerification, Owner, VMSpec } from "@virtrigaud/proto";

/** The ownership marker, stamped on the machine: the only place where ownership is stored. */
export interface Marker {
  readonly owner: Owner;
  /** Whether CreateVM or CloneVM made the machine for this owner; false for an adopted one. */
  readonly made: boolean;
  /** Whether nesting was asked for; undefined when nobody said (adopted). */
  readonly nestedRequested: boolean | undefined;
  /** What was decided per knob when the spec was last applied; values are read from the machine. */
  readonly outcomes: readonly Pick<AppliedCapability, "feature" | "outcome" | "reason" | "subject">[];
  /** For a clone: what was asked, to tell a repetition from another request. */
  readonly cloneRequest?: string;
}

/** A snapshot as the hypervisor keeps it. */
export interface MachineSnapshot {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly quiesced: boolean;
  readonly createTime: Date;
  readonly config: VMSpec;
  /** What ran when the memory was saved; undefined for a snapshot of disks. */
  readonly memory: VMSpec | undefined;
  parentId: string;
}

/** A machine as the hypervisor keeps it. Its native configuration language is the contract's VMSpec. */
export interface Machine {
  readonly id: string;
  readonly host: string;
  readonly createTime: Date;
  /** Position in the inventory's order; 0 until the machine is born. */
  sequence: number;
  name: string;
  marker: Marker | undefined;
  /** Stored configuration. */
  config: VMSpec;
  /** The configuration that it was started with; undefined while it is off. */
  running: VMSpec | undefined;
  power: "on" | "off" | "suspended";
  poweredOnAt: Date | undefined;
  snapshots: MachineSnapshot[];
  currentSnapshot: string;
  proof: NestingVerification | undefined;
  /** Machine whose disks this one's rest upon; empty for none. */
  readonly linkedTo: string;
  /** Set by an operator on the hypervisor: it must not be deleted. */
  protected: boolean;
}
