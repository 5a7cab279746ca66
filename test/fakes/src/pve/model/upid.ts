/** The parts of a task's name. */
export interface Upid {
  readonly node: string;
  readonly pid: number;
  /** Kernel ticks from boot to the task's start. */
  readonly pstart: number;
  /** Seconds since the epoch. */
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
}

const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");

/** `UPID:node:pid:pstart:starttime:type:id:user:`, the numbers in hexadecimal. */
export function encodeUpid({ node, pid, pstart, starttime, type, id, user }: Upid): string {
  return `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`;
}

const UPID =
  /^UPID:([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?):([0-9A-F]{8}):([0-9A-F]{8,9}):([0-9A-F]{8}):([^:\s/]+):([^:\s/]*):([^:\s/]+):$/i;

/** The parts of a UPID; undefined when it is none. */
export function decodeUpid(upid: string): Upid | undefined {
  const match = UPID.exec(upid);
  if (match === null) return undefined;
  const [, node = "", pid = "", pstart = "", starttime = "", type = "", id = "", user = ""] = match;
  return {
    node,
    pid: Number.parseInt(pid, 16),
    pstart: Number.parseInt(pstart, 16),
    starttime: Number.parseInt(starttime, 16),
    type,
    id,
    user,
  };
}
