import { pathTable, terminator, type Tree, volumeDescriptor } from "./descriptors.ts";
import { type Extent, rootDirectory, SECTOR_BYTES } from "./directory.ts";
import { joliet, plain } from "./fields.ts";

/** Files of a NoCloud seed by name. They may hold secrets. */
export type SeedFiles = Readonly<Record<string, string>>;

/** By which cloud-init's NoCloud datasource knows its seed. */
const VOLUME_ID = "cidata";

/** Sectors of everything that has a fixed place; the first sixteen are the system's and stay empty. */
const at = {
  primary: 16,
  joliet: 17,
  terminator: 18,
  primaryPathTables: [19, 20],
  jolietPathTables: [21, 22],
  primaryRoot: 23,
  jolietRoot: 24,
  files: 25,
} as const;

/**
 * A NoCloud seed as an ISO 9660 image (ECMA-119) with a Joliet tree beside the plain one: without it Linux shows "meta-data" as
 * "meta_data", and cloud-init finds nothing. The same files always give the same bytes.
 * @throws RangeError for files that one directory cannot hold.
 */
export function writeSeed(files: SeedFiles): Uint8Array {
  const contents = new Map<number, Buffer>();
  const extents = new Map<string, Extent>();
  let next: number = at.files;
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    extents.set(name, { sector: next, bytes: bytes.length });
    contents.set(next, bytes);
    next += Math.max(1, Math.ceil(bytes.length / SECTOR_BYTES));
  }
  const image = Buffer.alloc(next * SECTOR_BYTES);
  const put = (sector: number, bytes: Uint8Array) => image.set(bytes, sector * SECTOR_BYTES);
  for (const tree of trees(next)) {
    put(at[tree.kind], volumeDescriptor(tree));
    put(tree.lowFirstPathTable, pathTable(tree.rootSector, "low first"));
    put(tree.highFirstPathTable, pathTable(tree.rootSector, "high first"));
    put(tree.rootSector, rootDirectory(tree.rootSector, extents, tree.alphabet));
  }
  put(at.terminator, terminator());
  for (const [sector, bytes] of contents) put(sector, bytes);
  return image;
}

function trees(sectors: number): Tree[] {
  const common = { volumeId: VOLUME_ID, sectors };
  const [lowFirst, highFirst] = at.primaryPathTables;
  const [jolietLowFirst, jolietHighFirst] = at.jolietPathTables;
  return [
    {
      ...common,
      kind: "primary",
      alphabet: plain,
      rootSector: at.primaryRoot,
      lowFirstPathTable: lowFirst,
      highFirstPathTable: highFirst,
    },
    {
      ...common,
      kind: "joliet",
      alphabet: joliet,
      rootSector: at.jolietRoot,
      lowFirstPathTable: jolietLowFirst,
      highFirstPathTable: jolietHighFirst,
    },
  ];
}
