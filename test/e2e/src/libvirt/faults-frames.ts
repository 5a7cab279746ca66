import type { Socket } from "node:net";

/** A message of libvirt's protocol, as far as a bystander has to know it. */
export interface Frame {
  readonly kind: "call" | "reply" | "stream" | "other";
  readonly procedure: number;
  readonly serial: number;
  readonly bytes: Buffer;
}

const keepAliveProgram = 0x6b656570;
const kinds = ["call", "reply", "other", "stream"] as const;

/** Tells each message that comes in on a socket. Their layout: length, program, version, procedure, type, serial, status; four bytes each. */
export function splitFrames(socket: Socket, onFrame: (frame: Frame) => void): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= held.readUInt32BE(0)) {
      const bytes = held.subarray(0, held.readUInt32BE(0));
      held = held.subarray(bytes.length);
      onFrame(frameOf(bytes));
    }
  });
}

function frameOf(bytes: Buffer): Frame {
  const isKeepAlive = bytes.readUInt32BE(4) === keepAliveProgram;
  const kind = isKeepAlive ? "other" : (kinds[bytes.readUInt32BE(16)] ?? "other");
  return { kind, procedure: bytes.readUInt32BE(12), serial: bytes.readUInt32BE(20), bytes };
}

/** Procedures that leave libvirtd as it was: what a daemon begins with, and every read. */
const reads: ReadonlySet<number> = new Set([
  // Sessions and events.
  ...[1, 2, 60, 66, 70, 316],
  // The host.
  ...[3, 4, 6, 7, 59, 102, 110, 113, 114, 130, 157, 228, 284, 285, 293, 342, 394],
  // Domains and snapshots.
  ...[
    14, 16, 23, 24, 150, 151, 163, 183, 186, 189, 190, 191, 194, 200, 212, 235, 238, 244, 265, 273, 274, 344,
    353,
  ],
  // Storage and networks.
  ...[43, 45, 46, 47, 84, 85, 86, 87, 88, 95, 97, 98, 99, 100, 152, 154, 209, 281, 282, 283, 341],
]);

const changes: Readonly<Record<number, string>> = {
  83: "refresh pool",
  93: "create volume",
  94: "delete volume",
  125: "copy volume",
  185: "take snapshot",
  193: "delete snapshot",
  208: "upload",
  231: "undefine",
  234: "destroy",
  260: "resize volume",
  350: "define",
};

/** The name of a procedure that changes something; undefined for one that only reads. */
export const changeOf = (procedure: number): string | undefined =>
  reads.has(procedure) ? undefined : (changes[procedure] ?? `procedure ${procedure}`);
