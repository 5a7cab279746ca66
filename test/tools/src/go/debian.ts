import { access } from "node:fs/promises";

import type { Log } from "./build.ts";
import { run } from "./run.ts";

/** Packages by the file that proves each is there. */
const needed = [
  ["golang-github-vmware-govmomi-dev", "/usr/share/gocode/src/github.com/vmware/govmomi/simulator/model.go"],
  ["golang-github-google-uuid-dev", "/usr/share/gocode/src/github.com/google/uuid/uuid.go"],
] as const;

/**
 * Sees that Go and govmomi's sources are installed as Debian packages; installs what is missing when it may.
 * @throws Error naming the packages when it may not.
 */
export async function installDebianGovmomi(log: Log): Promise<void> {
  const missing: string[] = (await works("go", ["version"])) ? [] : ["golang-go"];
  for (const [name, proof] of needed) {
    if (!(await isReadable(proof))) missing.push(name);
  }
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !(await works("apt-get", ["--version"]))) {
    throw new Error(`install ${missing.join(" ")} (apt-get install --no-install-recommends; needs root)`);
  }
  log(`installing ${missing.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env });
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...missing], { env });
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

async function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
