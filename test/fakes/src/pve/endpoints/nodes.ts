import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { on } from "../api/permission.ts";
import { byMajor } from "../schema/by-major.ts";
import { node } from "../schema/parameters.ts";
import { choice } from "../schema/schema.ts";
import { nodeEntry, nodeStatus } from "./node-stats.ts";

function nodes(call: Call) {
  return [...call.cluster.nodes.values()].map((each) => ({
    ...nodeEntry(call.cluster, each, call.may(`/nodes/${each.name}`, "Sys.Audit")),
    // All nodes are one process with one certificate.
    ssl_fingerprint: call.cluster.certificate?.fingerprint ?? "",
  }));
}

function networks(call: Call) {
  const wanted = call.values["type"];
  if (wanted !== undefined && !["bridge", "any_bridge", "any_local_bridge", "include_sdn"].includes(wanted))
    return [];
  return call.node.bridges
    .filter((bridge) => call.cluster.release.major < 8 || mayUseBridge(call, bridge))
    .map((bridge, index) => ({
      iface: bridge,
      type: "bridge",
      active: 1,
      autostart: 1,
      method: "manual",
      method6: "manual",
      families: ["inet"],
      bridge_ports: `eno${index + 1}`,
      bridge_stp: "off",
      bridge_fd: "0",
      priority: index + 3,
    }));
}

const mayUseBridge = (call: Call, bridge: string) =>
  call.mayAny(`/nodes/${call.node.name}`, "Sys.Audit", "Sys.Modify") ||
  call.mayAny(`/sdn/zones/localnetwork/${bridge}`, "SDN.Audit", "SDN.Use");

const KINDS = "bridge bond eth alias vlan";
const OVS = "OVSBridge OVSBond OVSPort OVSIntPort";
const kinds = (list: string) => choice(...list.split(" "));

export const nodeEndpoints: readonly Endpoint[] = [
  { method: "GET", path: "/nodes", permission: "all", parameters: {}, run: nodes },
  {
    method: "GET",
    path: "/nodes/{node}/status",
    permission: on("/nodes/{node}", "Sys.Audit"),
    parameters: node,
    run: ({ cluster, node: handling }) => nodeStatus(cluster, handling),
  },
  {
    method: "GET",
    path: "/nodes/{node}/network",
    permission: "all",
    parameters: {
      ...node,
      type: byMajor({
        6: kinds(`${KINDS} ${OVS} any_bridge`),
        8: kinds(`${KINDS} ${OVS} vnet any_bridge any_local_bridge`),
        9: kinds(`${KINDS} fabric ${OVS} vnet any_bridge any_local_bridge include_sdn`),
      }),
    },
    run: networks,
  },
];
