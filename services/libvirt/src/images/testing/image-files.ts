import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** Images of every kind, as QEMU makes them. */
export interface ImageFiles {
  /** 8 MiB of a boot disk. */
  readonly raw: Buffer;
  /** The same as qcow2. */
  readonly qcow2: Buffer;
  /** On top of a file of the host, and with its data in one. */
  readonly onBacking: Buffer;
  readonly onDataFile: Buffer;
}

export const rawBytes = 8 * 2 ** 20;

/** Needs qemu-img. */
export async function makeImages(): Promise<ImageFiles> {
  const folder = await mkdtemp(join(tmpdir(), "images-"));
  const path = (name: string) => join(folder, name);
  try {
    const raw = randomBytes(rawBytes);
    raw.fill(0, 0, 512);
    raw.writeUInt16BE(0x55aa, 510);
    await writeFile(path("raw"), raw);
    const create = (...args: string[]) => run("qemu-img", ["create", "-f", "qcow2", ...args]);
    await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", path("raw"), path("qcow2")]);
    await create("-b", path("raw"), "-F", "raw", path("on-backing"));
    await create("-o", `data_file=${path("data")},data_file_raw=on`, path("on-data"), "1M");
    return {
      raw,
      qcow2: await readFile(path("qcow2")),
      onBacking: await readFile(path("on-backing")),
      onDataFile: await readFile(path("on-data")),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const hash = (algorithm: string, bytes: Uint8Array): string =>
  createHash(algorithm).update(bytes).digest("hex");
