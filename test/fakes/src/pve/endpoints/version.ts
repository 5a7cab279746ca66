import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { node } from "../schema/parameters.ts";

/** What `repoid` says when no test scripts the guests: a client can tell that it talks to a simulator. */
const SIMULATED = "simulated";

function version({ cluster }: Call) {
  const { manager, version: release } = cluster.release;
  return { version: manager, release, repoid: cluster.isSimulatedGuest ? SIMULATED : "14a22df3" };
}

export const versionEndpoints: readonly Endpoint[] = [
  { method: "GET", path: "/version", permission: "all", parameters: {}, run: version },
  { method: "GET", path: "/nodes/{node}/version", permission: "all", parameters: node, run: version },
];
