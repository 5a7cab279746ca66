import { randomBytes } from "node:crypto";
import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { on } from "../api/permission.ts";
import { loadVm } from "../actions/find.ts";
import { vmPath } from "../schema/parameters.ts";
import { flag, integer, required, text } from "../schema/schema.ts";

const path = "/nodes/{node}/qemu/{vmid}";
const FIRST_PORT = 5900;
const PORTS = 100;

/** Gives a ticket and a port; nothing listens there. */
function open(call: Call) {
  loadVm(call);
  const upid = call.fork("vncproxy", call.vmid, (worker) => worker.step());
  const ticket = `PVEVNC:${Math.floor(Date.now() / 1000)
    .toString(16)
    .toUpperCase()}::${randomBytes(48).toString("base64")}`;
  return {
    user: call.user,
    ticket,
    port: String(FIRST_PORT + (call.vmid % PORTS)),
    upid,
    cert: call.cluster.certificate?.pem ?? "",
    ...(call.flag("generate-password") ? { password: randomBytes(6).toString("base64").slice(0, 8) } : {}),
  };
}

const may = on("/vms/{vmid}", "VM.Console");

export const vmConsoleEndpoints: readonly Endpoint[] = [
  {
    method: "POST",
    path: `${path}/vncproxy`,
    permission: may,
    parameters: { ...vmPath, "generate-password": flag(), websocket: flag() },
    run: open,
  },
  {
    method: "GET",
    path: `${path}/vncwebsocket`,
    permission: may,
    local: true,
    parameters: {
      ...vmPath,
      port: required(integer(FIRST_PORT, FIRST_PORT + PORTS - 1)),
      vncticket: required(text({ maxLength: 512 })),
    },
    run: ({ values }) => ({ port: values["port"] }),
  },
];
