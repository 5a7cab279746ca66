import { fileURLToPath } from "node:url";

import { buildGoProgram, type Log } from "../go/build.ts";

/**
 * Path of govmomi's command line, a vSphere client that shares no code with ours; the variable GOVC overrides it.
 * @throws GoProgramUnavailable when it cannot be built here (Debian packages no govc, so it needs a Go module proxy).
 */
export async function buildGovc(log: Log): Promise<string> {
  const sources = fileURLToPath(new URL("../../govc/", import.meta.url));
  return buildGoProgram({ name: "govc", sources, override: "GOVC" }, log);
}
