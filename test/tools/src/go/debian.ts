import { ensureDebianPackages } from "../debian/packages.ts";
import type { Log } from "./build.ts";
import { run } from "./run.ts";

/**
 * Sees that Go and govmomi's sources are there, as Debian packages; any Go on PATH will do.
 * @throws DebianPackagesMissing naming the packages when they cannot be installed here.
 */
export async function installDebianGovmomi(log: Log): Promise<void> {
  const go = await run("go", ["version"]).then(
    () => [],
    () => ["golang-go"],
  );
  const sources = ["golang-github-vmware-govmomi-dev", "golang-github-google-uuid-dev"];
  await ensureDebianPackages([...go, ...sources], log);
}
