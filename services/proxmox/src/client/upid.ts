/** The parts of a task's name. */
export interface Upid {
  readonly text: string;
  /** Where it runs, and where its status is kept. */
  readonly node: string;
  /** "qmcreate", "qmstart", "download" … */
  readonly type: string;
  /** What it works on: a VMID, or a file name; may be empty. */
  readonly id: string;
  /** `id` as a VMID; undefined when it is none. */
  readonly vmid: number | undefined;
  /** "user@realm" or "user@realm!token" */
  readonly user: string;
  /** By the node's clock, in full seconds. */
  readonly startedAt: Date;
}

const UPID =
  /^UPID:(?<node>[^:\s/]+):[0-9A-F]{8}:[0-9A-F]{8,}:(?<start>[0-9A-F]{8}):(?<type>[^:\s/]+):(?<id>[^:\s/]*):(?<user>[^:\s/]+):$/i;

/** Reads `UPID:node:pid:pstart:starttime:type:id:user:`, numbers in hexadecimal; undefined for anything else. */
export function parseUpid(text: string): Upid | undefined {
  const parts = UPID.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { node = "", type = "", id = "", user = "", start = "" } = parts;
  return {
    text,
    node,
    type,
    id,
    vmid: /^[1-9]\d*$/.test(id) ? Number(id) : undefined,
    user,
    startedAt: new Date(Number.parseInt(start, 16) * 1000),
  };
}
