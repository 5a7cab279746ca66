/** What a qcow2 header says. */
export type Qcow2 = { readonly sizeBytes: number } | { readonly refused: string };

/** "QFI\xfb". */
const MAGIC = 0x514649fb;
const V2_BYTES = 72;
const V3_BYTES = 104;

/** Bits of incompatible_features: what a reader must know to read the image. Source: QEMU's docs/interop/qcow2, up to 9.0. */
const harmless = 0b11001n; // dirty, compression type, extended L2 entries
const corrupt = 0b10n;
const externalData = 0b100n;

/** Types of header extensions. */
const END = 0;
const ENCRYPTION = 0x0537be77;
const EXTERNAL_DATA_NAME = 0x44415441;

const flatten = "flatten it: qemu-img convert -O qcow2 IMAGE image.qcow2";
const leaks = `which could be any file of the host; ${flatten}`;

export const isQcow2 = (head: Buffer): boolean => head.length >= 4 && head.readUInt32BE(0) === MAGIC;

/**
 * Reads the header of a qcow2 image that nobody vouches for. One that has QEMU open another file is refused: a guest would read the
 * host's files through it. @param head its beginning, 64 KiB of it where it is that long.
 */
export function readQcow2(head: Buffer): Qcow2 {
  const version = head.length >= V2_BYTES ? head.readUInt32BE(4) : undefined;
  if (version === undefined || (version >= 3 && head.length < V3_BYTES))
    return { refused: "its qcow2 header is cut off; download it anew" };
  if (version !== 2 && version !== 3)
    return { refused: `it is qcow2 of version ${version}; ${flatten} with compat=1.1` };
  const why = pointsOutside(head) ?? (version === 3 ? unreadable(head) : undefined) ?? malformed(head);
  return why === undefined ? { sizeBytes: Number(head.readBigUInt64BE(24)) } : { refused: why };
}

function pointsOutside(head: Buffer): string | undefined {
  if (head.readBigUInt64BE(8) !== 0n || head.readUInt32BE(16) !== 0) return `it has a backing file, ${leaks}`;
  if (head.readUInt32BE(32) !== 0) return `it is encrypted; ${flatten}`;
  return undefined;
}

function unreadable(head: Buffer): string | undefined {
  const features = head.readBigUInt64BE(72);
  if ((features & externalData) !== 0n) return `it has an external data file, ${leaks}`;
  if ((features & corrupt) !== 0n) return "it is marked as corrupt; repair it: qemu-img check -r all IMAGE";
  const unknown = features & ~(harmless | corrupt | externalData);
  if (unknown !== 0n)
    return `it needs features of qcow2 that are not known here (0x${unknown.toString(16)}); ${flatten}`;
  return readExtensions(head);
}

/** They follow the header: type, length, data padded to eight bytes; all of it within the first cluster. */
function readExtensions(head: Buffer): string | undefined {
  let at = head.readUInt32BE(100);
  if (at < V3_BYTES || at % 8 !== 0) return "its qcow2 header has an impossible length";
  while (at + 8 <= head.length) {
    const [type, length] = [head.readUInt32BE(at), head.readUInt32BE(at + 4)];
    if (type === END) return undefined;
    if (type === ENCRYPTION) return `it is encrypted; ${flatten}`;
    if (type === EXTERNAL_DATA_NAME) return `it names an external data file, ${leaks}`;
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return "its qcow2 header does not come to an end";
}

function malformed(head: Buffer): string | undefined {
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) return `its clusters have an impossible size (2^${clusterBits})`;
  const size = head.readBigUInt64BE(24);
  if (size === 0n || size > BigInt(Number.MAX_SAFE_INTEGER))
    return `its virtual size is impossible (${size} bytes)`;
  return undefined;
}
