import { PowerState } from "@virtrigaud/proto";

/** What QEMU says of itself while its process is there, where that is not "running". Source: QEMU's RunState. */
const held =
  /^(?:debug|inmigrate|internal-error|io-error|paused|postmigrate|prelaunch|finish-migrate|restore-vm|save-vm|shutdown|suspended|watchdog|guest-panicked|colo)$/;

/** How Proxmox VE tells of a VM's power. */
export interface Power {
  /** "running", "stopped", or "unknown" of a node that does not answer. */
  status: string;
  /** QEMU's own word, `qmpstatus`; "" where only a listing was read, which shows a paused VM as running. */
  qmpStatus: string;
  /** "suspended" of a VM whose memory waits on disk for the next start. */
  lock: string;
}

/** The power state of a VM. Throws a RangeError on a state that Proxmox VE does not have yet. */
export function powerState({ status, qmpStatus, lock }: Power): PowerState {
  const word = status === "running" && qmpStatus !== "" ? qmpStatus : status;
  if (word === "running") return PowerState.ON;
  if (word === "stopped") return lock === "suspended" ? PowerState.SUSPENDED : PowerState.OFF;
  if (word === "unknown" || word === "") return PowerState.UNKNOWN;
  if (held.test(word)) return PowerState.PAUSED;
  throw new RangeError(`Proxmox VE reports the unknown VM state ${JSON.stringify(word)}`);
}
