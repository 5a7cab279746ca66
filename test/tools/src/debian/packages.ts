import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Log } from "../go/build.ts";
import { withFileLock } from "../go/file-lock.ts";
import { run } from "../go/run.ts";
import { cacheDirectory } from "./built-once.ts";
import { DebianPackagesMissing } from "./missing.ts";
import { withoutServiceStarts } from "./service-starts.ts";

/**
 * Sees that these packages are installed. Root on Debian or a derivative installs what is missing, without recommended
 * packages, questions or starting services; several callers may ask at once.
 * @throws DebianPackagesMissing when some are missing and cannot be installed by this process.
 */
export async function ensureDebianPackages(names: readonly string[], log: Log): Promise<void> {
  if ((await missingOf(names)).length === 0) return;
  await mkdir(cacheDirectory(), { recursive: true });
  await withFileLock(join(cacheDirectory(), "debian.lock"), async () => {
    const missing = await missingOf(names);
    if (missing.length > 0) await install(missing, log);
  });
}

async function missingOf(names: readonly string[]): Promise<string[]> {
  const installed = await installedPackages();
  return names.filter((name) => !installed.has(name));
}

async function installedPackages(): Promise<Set<string>> {
  // All at once: asked for single names, dpkg-query fails as soon as one of them is unknown.
  const format = "--showformat=$" + "{Package} $" + "{db:Status-Status}\\n";
  const lines = await run("dpkg-query", ["--show", format]).catch(() => "");
  return new Set([...lines.matchAll(/^(\S+) installed$/gm)].map(([, name = ""]) => name));
}

async function install(names: readonly string[], log: Log): Promise<void> {
  const reason = await whyNotInstallable();
  if (reason) throw new DebianPackagesMissing(advice(names, reason));
  log(`installing ${names.join(" ")}`);
  try {
    await withoutServiceStarts(() =>
      withFreshLists(() => aptGet("install", "-y", "--no-install-recommends", ...names)),
    );
  } catch (error) {
    throw new DebianPackagesMissing(advice(names, (error as Error).message), { cause: error });
  }
}

async function whyNotInstallable(): Promise<string | undefined> {
  const hasApt = await run("apt-get", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!hasApt) return "this machine has no apt-get";
  return process.getuid?.() === 0 ? undefined : "needs root";
}

/** Runs `fetch`; when that fails for an outdated or absent package list, and root may renew it, once more after doing so. */
export async function withFreshLists<T>(fetch: () => Promise<T>): Promise<T> {
  try {
    return await fetch();
  } catch (error) {
    if (process.getuid?.() !== 0) throw error;
    await aptGet("update");
    return fetch();
  }
}

async function aptGet(...args: string[]): Promise<void> {
  // The timeout is for other programs that hold dpkg's lock, unattended upgrades for example.
  await run("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
  });
}

function advice(names: readonly string[], reason: string): string {
  const list = names.join(" ");
  return `install ${list} (apt-get install --no-install-recommends ${list}; ${reason})`;
}
