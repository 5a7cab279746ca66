import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { on } from "../api/permission.ts";
import { networkData, metaData, userData } from "../actions/cloudinit.ts";
import { loadVm, mustBeUnlocked } from "../actions/find.ts";
import { vmPath } from "../schema/parameters.ts";
import { choice, required } from "../schema/schema.ts";

const path = "/nodes/{node}/qemu/{vmid}/cloudinit";
const OPTIONS = [
  "cicustom",
  "cipassword",
  "citype",
  "ciuser",
  "ciupgrade",
  "nameserver",
  "searchdomain",
  "sshkeys",
];

function dump(call: Call): string {
  const { config } = loadVm(call);
  const type = call.text("type");
  if (type === "network") return networkData(call.cluster, config);
  if (type === "meta") return metaData(call.cluster, config, call.vmid);
  const masked = !call.may(`/vms/${call.vmid}`, "VM.Config.Cloudinit");
  return userData(config, call.vmid, call.cluster.release.major, masked);
}

/** The cloud-init drive is written anew at every start, so that nothing ever waits here. */
function pending(call: Call) {
  const { config } = loadVm(call);
  return OPTIONS.filter((key) => config[key] !== undefined).map((key) => ({
    key,
    value: key === "cipassword" ? "**********" : config[key],
  }));
}

async function update(call: Call): Promise<null> {
  await call.cluster.locks.hold(call.vmid, 10, () => mustBeUnlocked(loadVm(call)));
  return null;
}

const mayRead = on("/vms/{vmid}", "VM.Audit");

export const vmCloudinitEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: `${path}/dump`,
    permission: mayRead,
    parameters: { ...vmPath, type: required(choice("user", "network", "meta")) },
    run: dump,
  },
  { method: "GET", path, since: 7, permission: mayRead, parameters: vmPath, run: pending },
  {
    method: "PUT",
    path,
    since: 7,
    permission: on("/vms/{vmid}", "VM.Config.Cloudinit"),
    parameters: vmPath,
    run: update,
  },
];
