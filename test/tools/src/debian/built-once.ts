import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { withFileLock } from "../go/file-lock.ts";

/** Where this user's builds are kept between runs. */
export function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "virtrigaud");
}

/**
 * The directory `name` of the cache, filled by `build` the first time. It appears whole or not at all, and several
 * callers at once build it once.
 */
export async function builtOnce(name: string, build: (scratch: string) => Promise<void>): Promise<string> {
  const target = join(cacheDirectory(), name);
  if (await exists(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  return withFileLock(`${target}.lock`, async () => {
    if (await exists(target)) return target;
    const scratch = await mkdtemp(`${target}.`);
    try {
      await build(scratch);
      await rename(scratch, target);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return target;
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
