import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Log } from "../go/build.ts";
import { run } from "../go/run.ts";
import { builtOnce } from "./built-once.ts";
import { DebianPackagesMissing } from "./missing.ts";
import { withFreshLists } from "./packages.ts";

/** A package as it would be installed now. */
export interface DebianCandidate {
  readonly name: string;
  readonly version: string;
  /** The first that it depends on; a metapackage stands for this one. */
  readonly firstDependency: string | undefined;
}

/**
 * What this machine's package lists offer under these names, in their order.
 * @throws DebianPackagesMissing when they lack one of them, or there are no lists.
 */
export async function debianCandidates(names: readonly string[]): Promise<DebianCandidate[]> {
  const records = await obtain(names, () => run("apt-cache", ["show", "--no-all-versions", ...names]));
  const candidates = new Map(
    records
      .split("\n\n")
      .map(candidateOf)
      .map((found) => [found.name, found]),
  );
  return names.map((name) => {
    const found = candidates.get(name);
    if (found === undefined)
      throw new DebianPackagesMissing(`the package lists of this machine lack ${name}`);
    return found;
  });
}

/**
 * Downloads these packages, each `name=version`, and unpacks them, without what they depend on, into one directory of
 * the cache. Nothing is installed, so this needs no root and disturbs nothing. Answers the directory.
 * @throws DebianPackagesMissing when they cannot be downloaded.
 */
export async function unpackDebianPackages(pins: readonly string[], log: Log): Promise<string> {
  const hash = createHash("sha256").update(pins.join("\n")).digest("hex").slice(0, 12);
  return builtOnce(`debian-${hash}`, async (scratch) => {
    log(`unpacking ${pins.join(" ")}`);
    await obtain(pins, () => run("apt-get", ["download", "-q", ...pins], { cwd: scratch }));
    for (const archive of await readdir(scratch)) {
      if (!archive.endsWith(".deb")) continue;
      await run("dpkg-deb", ["--extract", join(scratch, archive), scratch]);
      await rm(join(scratch, archive));
    }
  });
}

function candidateOf(record: string): DebianCandidate {
  const field = (name: string) => new RegExp(`^${name}: ([^\\s,]+)`, "m").exec(record)?.[1];
  return { name: field("Package") ?? "", version: field("Version") ?? "", firstDependency: field("Depends") };
}

async function obtain(names: readonly string[], fetch: () => Promise<string>): Promise<string> {
  try {
    return await withFreshLists(fetch);
  } catch (error) {
    const message = `cannot get the Debian packages ${names.join(" ")}: ${(error as Error).message}`;
    throw new DebianPackagesMissing(message, { cause: error });
  }
}
