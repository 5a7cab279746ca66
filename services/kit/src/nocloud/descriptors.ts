import { rootRecord, SECTOR_BYTES } from "./directory.ts";
import { type Alphabet, both16, both32 } from "./fields.ts";

/** The root directory's entry is all that a path table holds. */
export const PATH_TABLE_BYTES = 10;

/** What a volume descriptor tells of its tree (ECMA-119, 8.4 and 8.5). */
export interface Tree {
  readonly kind: "primary" | "joliet";
  readonly alphabet: Alphabet;
  readonly volumeId: string;
  /** Of the whole image. */
  readonly sectors: number;
  readonly rootSector: number;
  readonly lowFirstPathTable: number;
  readonly highFirstPathTable: number;
}

/** UCS-2 of level 3, by which Joliet is known. */
const JOLIET_ESCAPE = "%/E";
const NO_DATE = `${"0".repeat(16)}\0`;

/** One sector. */
export function volumeDescriptor(tree: Tree): Buffer {
  const { kind, alphabet, volumeId, sectors, rootSector } = tree;
  const bytes = head(kind === "primary" ? 1 : 2);
  const text = (at: number, length: number, value: string) => {
    bytes.set(padding(alphabet, length), at);
    bytes.set(alphabet.encode(value), at);
  };
  text(8, 32, "");
  text(40, 32, volumeId);
  bytes.set(both32(sectors), 80);
  if (kind === "joliet") bytes.write(JOLIET_ESCAPE, 88, "latin1");
  for (const at of [120, 124]) bytes.set(both16(1), at);
  bytes.set(both16(SECTOR_BYTES), 128);
  bytes.set(both32(PATH_TABLE_BYTES), 132);
  bytes.writeUInt32LE(tree.lowFirstPathTable, 140);
  bytes.writeUInt32BE(tree.highFirstPathTable, 148);
  bytes.set(rootRecord(rootSector), 156);
  // Publisher and the like, then names of files with copyright and abstract: none.
  for (const at of [190, 318, 446, 574]) text(at, 128, "");
  for (const at of [702, 739, 776]) text(at, 37, "");
  for (const at of [813, 830, 847, 864]) bytes.write(NO_DATE, at, "latin1");
  bytes[881] = 1;
  return bytes;
}

/** Ends the list of descriptors. */
export const terminator = (): Buffer => head(255);

/** The path table of a tree without further directories (ECMA-119, 9.4). */
export function pathTable(rootSector: number, order: "low first" | "high first"): Buffer {
  const bytes = Buffer.alloc(PATH_TABLE_BYTES);
  bytes[0] = 1;
  if (order === "low first") {
    bytes.writeUInt32LE(rootSector, 2);
    bytes.writeUInt16LE(1, 6);
  } else {
    bytes.writeUInt32BE(rootSector, 2);
    bytes.writeUInt16BE(1, 6);
  }
  return bytes;
}

function head(type: number): Buffer {
  const bytes = Buffer.alloc(SECTOR_BYTES);
  bytes[0] = type;
  bytes.write("CD001", 1, "latin1");
  bytes[6] = 1;
  return bytes;
}

/** Spaces; where a character takes two bytes and the field has an odd number, the last one stays zero. */
function padding(alphabet: Alphabet, length: number): Buffer {
  const space = alphabet.encode(" ");
  return Buffer.concat(Array<Buffer>(Math.floor(length / space.length)).fill(space), length);
}
