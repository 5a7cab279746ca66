import { chown, copyFile, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";

import { cacheDirectory } from "../debian/built-once.ts";
import { uriOf, virsh } from "./daemon.ts";
import type { Home } from "./home.ts";

/** By account, as they differ in what they may do with /dev/kvm. */
function cacheOf({ account }: Home): string {
  return join(cacheDirectory(), `libvirt-capabilities-${account.name}`);
}

/**
 * Gives a new home what an earlier libvirtd found out about this machine's QEMU, which takes seconds. libvirt itself
 * checks whether it still holds (same programs, kernel, access to KVM) and asks again if not.
 */
export async function recallCapabilities(home: Home): Promise<void> {
  const cache = cacheOf(home);
  for (const name of await filesIn(cache).catch(() => [])) {
    const path = join(home.capabilities, name);
    await copyFile(join(cache, name), path);
    await chown(path, home.account.uid, home.account.gid);
  }
}

/** Has the daemon find out what it does not know, and keeps that for the next one. */
export async function rememberCapabilities(home: Home): Promise<void> {
  const cache = cacheOf(home);
  await virsh(uriOf(home), "capabilities");
  await mkdir(cache, { recursive: true });
  for (const name of await filesIn(home.capabilities)) {
    const half = join(cache, `.${name}.${process.pid}`);
    await copyFile(join(home.capabilities, name), half);
    await rename(half, join(cache, name));
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".xml") && !entry.name.startsWith("."))
    .map(({ name }) => name);
}
