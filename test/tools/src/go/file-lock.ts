import { open, readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while this process holds the lock file; others wait. A lock whose owner is dead is taken over. Two
 * waiters may take over the same dead lock at once, so `work` must stay correct (if wasteful) when it runs twice.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(path))) {
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await sleep(200);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.write(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(path, "utf8"));
    // A file without a pid is between its creation and the write of it.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    if (codeOf(error) === "ESRCH") return true;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  // Not by instanceof: under jest the errors of node's modules are of another realm.
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
}
