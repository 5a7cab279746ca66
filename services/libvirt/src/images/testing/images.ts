/** What a test's qcow2 header says; what is left out is harmless. */
export interface Qcow2Fields {
  readonly version?: number;
  readonly backing?: bigint;
  readonly backingLength?: number;
  readonly clusterBits?: number;
  readonly size?: bigint;
  readonly crypt?: number;
  readonly incompatible?: bigint;
  readonly headerLength?: number;
  /** Type and length; their data is zeros. */
  readonly extensions?: readonly (readonly [type: number, length: number])[];
}

/** The beginning of a qcow2 image, 64 KiB. */
export function qcow2Header(fields: Qcow2Fields): Buffer {
  const head = Buffer.alloc(65_536);
  head.write("QFI\xfb", 0, "latin1");
  head.writeUInt32BE(fields.version ?? 3, 4);
  head.writeBigUInt64BE(fields.backing ?? 0n, 8);
  head.writeUInt32BE(fields.backingLength ?? 0, 16);
  head.writeUInt32BE(fields.clusterBits ?? 16, 20);
  head.writeBigUInt64BE(fields.size ?? 2n ** 30n, 24);
  head.writeUInt32BE(fields.crypt ?? 0, 32);
  head.writeBigUInt64BE(fields.incompatible ?? 0n, 72);
  head.writeUInt32BE(fields.headerLength ?? 104, 100);
  let at = 104;
  for (const [type, length] of fields.extensions ?? []) {
    head.writeUInt32BE(type, at);
    head.writeUInt32BE(length, at + 4);
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return head;
}
