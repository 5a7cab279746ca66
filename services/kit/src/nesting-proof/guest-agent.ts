import type { GuestFacts } from "./guest-report.ts";

/** What ends the waiting for a guest. */
export interface Waiting {
  readonly signal: AbortSignal;
}

/** A program of the guest, looked up by its path or in the agent's PATH. Nothing here passes through a shell. */
export interface GuestProgram {
  readonly path: string;
  readonly args?: readonly string[];
  /** For its standard input, which is empty without. */
  readonly input?: string;
}

/** What a program in the guest came to. */
export interface GuestExit {
  /** Its exit code, or 128 and the signal that ended it. */
  readonly code: number;
  /** At most 64 KiB of what it wrote; the rest is left out. */
  readonly stdout: string;
  readonly stderr: string;
}

/** QEMU's agent in one guest, by whatever way the hypervisor has to it. All reject with AgentError for what is about the agent. */
export interface GuestAgent {
  /** What a command without arguments returned, unchecked. */
  ask(execute: "guest-info" | "guest-get-osinfo", waiting: Waiting): Promise<unknown>;
  /** Runs a program to its end, as the agent's account. The signal ends the waiting, not the program. */
  run(program: GuestProgram, waiting: Waiting): Promise<GuestExit>;
  /** The facts of the Linux script as far as files tell them, where the way to the agent has its file commands. */
  readFacts?(waiting: Waiting): Promise<GuestFacts>;
}
