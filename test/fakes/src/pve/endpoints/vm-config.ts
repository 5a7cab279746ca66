import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { refuse } from "../api/error.ts";
import { anyOn, on } from "../api/permission.ts";
import { loadVm } from "../actions/find.ts";
import { planUpdate } from "../actions/plan-update.ts";
import { updateConfig } from "../actions/update-config.ts";
import { typedConfig, typedValue } from "../model/config.ts";
import { snapshotOf } from "../actions/snapshots.ts";
import { atMajor, byMajor, type VersionedTable } from "../schema/by-major.ts";
import { digest, skiplock, vmPath } from "../schema/parameters.ts";
import { flag, formatted, integer, type Schema } from "../schema/schema.ts";
import { vmOptions } from "../schema/vm-options.ts";
import type { Major } from "../release.ts";

const path = "/nodes/{node}/qemu/{vmid}";

function read(call: Call) {
  const { cluster, values } = call;
  const snapshot = values["snapshot"];
  if (snapshot !== undefined && call.flag("current")) {
    const conflict = "cannot use 'snapshot' parameter with 'current'";
    refuse({ snapshot: conflict, current: conflict });
  }
  const vm = loadVm(call);
  const config = { ...(snapshot === undefined ? vm.config : snapshotOf(vm, snapshot)) };
  if (snapshot === undefined && !call.flag("current")) {
    Object.assign(config, vm.pending);
    for (const name of vm.pendingDeletes.keys()) delete config[name];
  }
  return { ...typedConfig(config, cluster.options), digest: vm.digest };
}

function pending(call: Call) {
  const vm = loadVm(call);
  const { options } = call.cluster;
  const deleted = (name: string) => {
    const force = vm.pendingDeletes.get(name);
    return force === undefined ? {} : { delete: force ? 2 : 1 };
  };
  const waiting = (name: string) => {
    const value = vm.pending[name];
    return value === undefined ? {} : { pending: typedValue(name, value, options) };
  };
  const set = Object.entries(vm.config).map(([key, value]) => ({
    key,
    value: typedValue(key, value, options),
    ...waiting(key),
    ...deleted(key),
  }));
  const added = Object.keys(vm.pending).filter((key) => vm.config[key] === undefined);
  return [...set, { key: "digest", value: vm.digest }, ...added.map((key) => ({ key, ...waiting(key) }))];
}

/** PUT: done when it answers. */
async function put(call: Call): Promise<null> {
  const plan = planUpdate(call);
  await call.cluster.locks.hold(call.vmid, 10, () => updateConfig(call, plan, { print: () => {} }));
  return null;
}

/** POST: a task. */
function post(call: Call): string {
  const plan = planUpdate(call);
  return call.fork("qmconfig", call.vmid, (worker) =>
    call.cluster.locks.hold(call.vmid, 10, async () => {
      await worker.step();
      worker.print(plan.logLine);
      updateConfig(call, plan, worker);
    }),
  );
}

function unlink(call: Call): Promise<null> {
  call.values["delete"] = call.text("idlist");
  delete call.values["idlist"];
  return put(call);
}

const editing: VersionedTable<Schema> = {
  ...vmPath,
  ...digest,
  ...skiplock,
  delete: formatted("pve-configid-list"),
  force: flag({ requires: "delete" }),
  revert: formatted("pve-configid-list"),
};
const editable = (extra: VersionedTable<Schema>) => (major: Major) => ({
  ...vmOptions(major, true),
  ...atMajor({ ...editing, ...extra }, major),
});
const mayEdit = anyOn(
  "/vms/{vmid}",
  ...["Disk", "CDROM", "CPU", "Memory", "Network", "HWType", "Options", "Cloudinit"].map(
    (part) => `VM.Config.${part}`,
  ),
);
const mayRead = on("/vms/{vmid}", "VM.Audit");

export const vmConfigEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: `${path}/config`,
    permission: mayRead,
    parameters: { ...vmPath, current: flag(), snapshot: formatted("pve-configid", { maxLength: 40 }) },
    run: read,
  },
  { method: "PUT", path: `${path}/config`, permission: mayEdit, parameters: editable({}), run: put },
  {
    method: "POST",
    path: `${path}/config`,
    permission: mayEdit,
    parameters: editable({
      background_delay: integer(1, 30),
      "import-working-storage": byMajor({ 8: formatted("pve-storage-id") }),
    }),
    run: post,
  },
  { method: "GET", path: `${path}/pending`, permission: mayRead, parameters: vmPath, run: pending },
  {
    method: "PUT",
    path: `${path}/unlink`,
    permission: on("/vms/{vmid}", "VM.Config.Disk"),
    parameters: {
      ...vmPath,
      force: flag(),
      idlist: { ...formatted("pve-configid-list"), required: true },
    },
    run: unlink,
  },
];
