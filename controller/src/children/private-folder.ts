import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isAlive } from "./is-alive.ts";

/** A temporary folder that only this user can look into. */
export interface PrivateFolder {
  readonly path: string;
  /** Writes a file below it, readable by this user only, and gives its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** Makes a folder below it. */
  makeFolder(name: string): Promise<void>;
  remove(): Promise<void>;
}

const PREFIX = "virtrigaud-private-";

/** Makes a private folder for credentials, keys and the like. */
export async function createPrivateFolder(): Promise<PrivateFolder> {
  await removeAbandoned();
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(path, 0o700);
  return {
    path,
    write: async (name, content) => {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, content, { mode: 0o600 });
      return file;
    },
    makeFolder: async (name) => {
      await mkdir(join(path, name), { mode: 0o700 });
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** Removes what processes left behind that were killed: credentials do not stay on disk for longer than until the next start. */
async function removeAbandoned(): Promise<void> {
  const left = (await readdir(tmpdir())).filter((name) => {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    return !Number.isNaN(pid) && !isAlive(pid);
  });
  // Another user's folder cannot be removed, and is that user's to care for.
  await Promise.allSettled(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
}
