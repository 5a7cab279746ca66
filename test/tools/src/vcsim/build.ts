import { fileURLToPath } from "node:url";

import { buildGoProgram, type Log } from "../go/build.ts";

/**
 * Path of the simulated vCenter's binary, built when this machine has none yet; the variable VCSIM overrides it.
 * @throws GoProgramUnavailable when it cannot be built here.
 */
export async function buildVcsim(log: Log): Promise<string> {
  const sources = fileURLToPath(new URL("../../vcsim/", import.meta.url));
  return buildGoProgram({ name: "vcsim", sources, override: "VCSIM", debianTag: "govmomi024" }, log);
}
