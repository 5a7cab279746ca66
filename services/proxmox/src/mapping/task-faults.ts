import { type FaultMeaning, meaningOfText, unlisted } from "./fault-meanings.ts";

/** A task that failed, as its status and its log tell. */
export interface TaskFault {
  /** "VM is locked (backup)" */
  exitStatus: string;
  /** All lines. */
  log: readonly string[];
}

/** What a failed task means: by its exit status, and where that only says that QEMU failed, by QEMU's own words in the log. */
export const taskMeaning = (fault: TaskFault): FaultMeaning =>
  meaningOfText(fault.exitStatus) ?? tellingLine(fault)?.meaning ?? unlisted;

/** One sentence for people: what was done, what Proxmox VE said, with the line of the log that tells why, what to do. */
export function taskSentence(action: string, fault: TaskFault): string {
  const { exitStatus, log } = fault;
  const line = tellingLine(fault)?.line ?? log.findLast((one) => one.startsWith("kvm: "));
  const why = line === undefined || exitStatus.includes(line) ? "" : ` (${line.trim()})`;
  return `${action}: Proxmox VE's task failed: ${exitStatus.trim()}${why}; ${taskMeaning(fault).remedy}`;
}

/** The first line that any row knows; "TASK ERROR: …" repeats the exit status. */
function tellingLine({ log }: TaskFault): { line: string; meaning: FaultMeaning } | undefined {
  for (const line of log) {
    const meaning = line.startsWith("TASK ") ? undefined : meaningOfText(line);
    if (meaning !== undefined) return { line, meaning };
  }
  return undefined;
}
