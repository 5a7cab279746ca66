import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "../../children/is-alive.ts";
import { isCode, readIfPresent } from "./durable-file.ts";

/** Another process works on the same state folder. */
export class LockedError extends Error {
  override readonly name = "LockedError";
  constructor(
    /** The state folder. */
    readonly folder: string,
    /** Process that holds it. */
    readonly pid: number,
  ) {
    super(
      `state folder ${folder} is in use by another vrtg, process ${pid}: stop that one first, or give this one its own with --state DIR`,
    );
  }
}

/** Gives a lock back. */
export type Unlock = () => Promise<void>;

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one that was given the same pid; undefined where the system does not tell. */
  readonly startedAt: string | undefined;
}

/**
 * Takes the folder for this process until it gives it back or ends, however it ends: a lock whose process is gone is taken over.
 * The folder must exist, and only one machine may use it.
 * @throws LockedError with the pid that holds it
 */
export async function lockFolder(folder: string): Promise<Unlock> {
  const path = join(folder, "lock");
  const own = `${path}.${randomUUID()}`;
  await writeFile(
    own,
    JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) } satisfies Holder),
  );
  try {
    // A hard link appears whole or fails, so nobody ever reads a half-written lock.
    while (!(await linked(own, path))) await removeIfStale(path, folder);
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(path, { force: true });
}

async function linked(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** Moves a dead process's lock aside, and puts it back when it turns out to be a live one that came in between. */
async function removeIfStale(path: string, folder: string): Promise<void> {
  const before = await readIfPresent(path);
  if (before === undefined) return;
  await refuseIfAlive(before, folder);
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  const moved = await readFile(aside, "utf8");
  if (moved !== before) await linked(aside, path);
  await unlink(aside);
}

async function refuseIfAlive(content: string, folder: string): Promise<void> {
  const holder = JSON.parse(content) as Holder;
  if (isAlive(holder.pid) && (await startOf(holder.pid)) === holder.startedAt) {
    throw new LockedError(folder, holder.pid);
  }
}

/** Start time of a process in clock ticks since boot, field 22 of proc_pid_stat(5); undefined without procfs. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readIfPresent(`/proc/${pid}/stat`).catch(() => undefined);
  // The second field is the command in parentheses, which may itself hold spaces and parentheses.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
