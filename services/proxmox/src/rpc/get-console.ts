import type { UnaryHandler } from "@virtrigaud/kit";
import { PowerState } from "@virtrigaud/proto";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import { powerState } from "../mapping/power-state.ts";
import { notRunning } from "../power.ts";

/** Proxmox VE's proxy waits so long for the first connection, and then ends. */
const validMs = 10_000;

/**
 * The VM's screen as VNC in a web socket of the API. Whoever opens the URL authenticates as for any other request; the ticket is VNC's
 * password. Each call starts a proxy on the node.
 */
export const getConsole =
  (cluster: Cluster): UnaryHandler<"getConsole"> =>
  async ({ uid }, { signal }) => {
    const found = await cluster.vms.owned(uid, { signal });
    const what = `opening the console of VM ${found.name}`;
    const state = powerState(found.power);
    if (state !== PowerState.ON && state !== PowerState.PAUSED) throw notRunning(what);
    const { vncproxy } = cluster.pve.api({ signal }).nodes.$(found.node).qemu.$(found.vmid);
    const { port, ticket } = await attempt(what, () => vncproxy.$post({ websocket: true }));
    const url = new URL(cluster.endpoint);
    url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
    url.pathname = `/api2/json/nodes/${found.node}/qemu/${found.vmid}/vncwebsocket`;
    url.search = new URLSearchParams({ port: String(port), vncticket: ticket }).toString();
    return { url: url.href, ticket, protocol: "vnc", expireTime: new Date(Date.now() + validMs) };
  };
