import { type Alphabet, both16, both32 } from "./fields.ts";

export const SECTOR_BYTES = 2048;
/** Days do not matter, and the same seed must always be the same bytes: 1 January 2000. */
const DATE = Buffer.from([100, 1, 1, 0, 0, 0, 0]);
const IS_DIRECTORY = 2;

/** Where a file's or directory's bytes are. */
export interface Extent {
  readonly sector: number;
  readonly bytes: number;
}

/** The record of a directory in itself, in the volume's descriptor, or as its own parent (ECMA-119, 9.1). */
export const rootRecord = (sector: number, id: 0 | 1 = 0): Buffer =>
  record(Buffer.from([id]), { sector, bytes: SECTOR_BYTES }, IS_DIRECTORY);

/**
 * The root directory, one sector of it: records in the order of their names.
 * @throws RangeError when the files are too many for it, or two have the same name in this tree.
 */
export function rootDirectory(
  sector: number,
  files: ReadonlyMap<string, Extent>,
  alphabet: Alphabet,
): Buffer {
  const named = [...files].map(([name, extent]) => ({
    id: alphabet.encode(alphabet.fileName(name)),
    extent,
  }));
  named.sort((a, b) => Buffer.compare(a.id, b.id));
  if (named.some(({ id }, index) => named[index + 1]?.id.equals(id)))
    throw new RangeError("two files of the seed have the same name in ISO 9660");
  const records = named.map(({ id, extent }) => record(id, extent, 0));
  const bytes = Buffer.concat([rootRecord(sector, 0), rootRecord(sector, 1), ...records]);
  if (bytes.length > SECTOR_BYTES) throw new RangeError("the seed has too many files");
  return bytes;
}

function record(id: Buffer, { sector, bytes }: Extent, flags: number): Buffer {
  const length = 33 + id.length + (id.length % 2 === 0 ? 1 : 0);
  const fields = Buffer.concat([
    Buffer.from([length, 0]),
    both32(sector),
    both32(bytes),
    DATE,
    Buffer.from([flags, 0, 0]),
    both16(1),
    Buffer.from([id.length]),
    id,
  ]);
  return Buffer.concat([fields], length);
}
