import { createHash, randomUUID } from "node:crypto";
import { link, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../children/is-alive.ts";
import { isCode, readIfPresent } from "./durable-file.ts";
import { StateFolderError } from "./state-folder-error.ts";

/** Another process works on the same state folder. */
export class LockedError extends StateFolderError {
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
    JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid), token: randomUUID() }),
  );
  try {
    // A hard link appears whole or fails, so nobody ever reads a half-written lock.
    while (!(await linked(own, path))) await removeIfStale(path, own, folder);
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

/**
 * Removes a lock whose process is gone. Of several that find it one at a time may, and only while it is still the one that
 * was found: otherwise the second would remove the first one's new lock.
 */
async function removeIfStale(path: string, own: string, folder: string): Promise<void> {
  const found = await readIfPresent(path);
  if (found === undefined) return;
  await refuseIfAlive(found, folder);
  const claim = `${path}.takeover-${createHash("sha256").update(found).digest("hex").slice(0, 16)}`;
  if (!(await linked(own, claim))) {
    await refuseIfAbandoned(claim);
    await sleep(1);
    return;
  }
  if ((await readIfPresent(path)) === found) await unlink(path);
  await unlink(claim);
}

/** Who is killed in the instant of taking over leaves a claim that nobody can safely remove but a person. */
async function refuseIfAbandoned(claim: string): Promise<void> {
  const content = await readIfPresent(claim);
  if (content !== undefined && !(await isHeld(content))) {
    throw new StateFolderError(
      `${claim} was left behind by a process that is gone: remove that file and try again`,
    );
  }
}

async function refuseIfAlive(content: string, folder: string): Promise<void> {
  if (await isHeld(content)) throw new LockedError(folder, (JSON.parse(content) as Holder).pid);
}

/** Whether the process that wrote this is still there. */
async function isHeld(content: string): Promise<boolean> {
  const { pid, startedAt } = JSON.parse(content) as Holder;
  return isAlive(pid) && (await startOf(pid)) === startedAt;
}

/** Start time of a process in clock ticks since boot, field 22 of proc_pid_stat(5); undefined without procfs. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readIfPresent(`/proc/${pid}/stat`).catch(() => undefined);
  // The second field is the command in parentheses, which may itself hold spaces and parentheses.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
