import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { ApiError, fail, forbid } from "../api/error.ts";
import {
  checkBridgePrivileges,
  checkCpuModelPrivileges,
  checkDevicePrivileges,
  checkOptionPrivileges,
} from "../actions/config-permission.ts";
import { createVm } from "../actions/create.ts";
import { clampCpuUnits, checkSshKeys } from "../actions/option-values.ts";
import { withMacs } from "../actions/macs.ts";
import { forkStart } from "../actions/start.ts";
import { checkStorageAccess, normalizeDrives } from "../actions/storage-access.ts";
import { atMajor, byMajor } from "../schema/by-major.ts";
import { node, vmid } from "../schema/parameters.ts";
import { flag, formatted, integer, type Schema, text } from "../schema/schema.ts";
import { vmOptions } from "../schema/vm-options.ts";
import { statusEntry } from "./vm-stats.ts";

const requiresArchive: Schema = flag({ requires: "archive" });
/** What a create takes besides the configuration's options. */
const creation = {
  archive: text({ maxLength: 255 }),
  bwlimit: integer(0),
  force: requiresArchive,
  "ha-managed": byMajor({ 9: flag() }),
  "import-working-storage": byMajor({ 8: formatted("pve-storage-id") }),
  "live-restore": byMajor({ 6: requiresArchive, 8: flag() }),
  pool: formatted("pve-poolid"),
  start: flag(),
  storage: formatted("pve-storage-id"),
  unique: requiresArchive,
};
const NOT_OPTIONS = new Set([...Object.keys(creation), "node", "vmid"]);

async function create(call: Call): Promise<string> {
  const { cluster, values, vmid: id } = call;
  if (values["archive"] !== undefined) fail("restore from an archive is not simulated");
  const options = Object.fromEntries(Object.entries(values).filter(([name]) => !NOT_OPTIONS.has(name)));
  checkSshKeys(options);
  clampCpuUnits(options, cluster.release.major);
  checkPrivileges(call, options);
  if (options["cdrom"] !== undefined) {
    options["ide2"] = /media=/.test(options["cdrom"]) ? options["cdrom"] : `${options["cdrom"]},media=cdrom`;
    delete options["cdrom"];
  }
  checkStorageAccess(call, id, options, values["storage"]);
  checkOptionPrivileges(call, id, Object.keys(options).sort());
  checkDevicePrivileges(call, id, options);
  checkBridgePrivileges(call, options);
  checkCpuModelPrivileges(call, options);
  normalizeDrives(call, options);
  const complete = withMacs(cluster, options);
  await reserve(call, id);
  return call.fork("qmcreate", id, async (worker) => {
    await createVm(call, id, complete, worker);
    if (!call.flag("start")) return;
    // The start is a task of its own: whatever becomes of it, the create has succeeded.
    worker.print("Execute autostart");
    forkStart(call, id);
  });
}

function checkPrivileges(call: Call, options: Readonly<Record<string, string>>): void {
  const { pool, storage } = call.values;
  if (pool !== undefined) fail(`pool '${pool}' does not exist`);
  if (storage !== undefined) call.need(`/storage/${storage}`, "Datastore.AllocateSpace");
  if (call.flag("ha-managed")) call.need("/", "Sys.Console");
  if (call.flag("start") && call.cluster.release.major >= 9) call.need(`/vms/${call.vmid}`, "VM.PowerMgmt");
  if (!call.may(`/vms/${call.vmid}`, "VM.Allocate")) forbid();
  if (options["tags"] !== undefined && call.cluster.release.major >= 7)
    call.need(`/vms/${call.vmid}`, "VM.Config.Options");
}

/** Makes the configuration file, which only one of several creates can. */
async function reserve({ cluster, node: { name } }: Call, id: number): Promise<void> {
  try {
    await cluster.locks.hold(id, 5, () => {
      const taken = cluster.vms.get(id);
      if (taken !== undefined) fail(`VM ${id} already exists on node '${taken.node}'`);
      cluster.addVm(id, name, { lock: "create" }, Date.now());
    });
  } catch (error) {
    if (error instanceof ApiError) fail(`unable to create VM ${id} - ${error.message.trimEnd()}`);
    throw error;
  }
}

function list(call: Call) {
  const { cluster, node: handling } = call;
  return cluster
    .sortedVms()
    .filter((vm) => vm.node === handling.name && call.may(`/vms/${vm.vmid}`, "VM.Audit"))
    .map((vm) => statusEntry(cluster, vm, call.flag("full")));
}

export const vmCreateEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/qemu",
    permission: "all",
    parameters: { ...node, full: flag() },
    run: list,
  },
  {
    method: "POST",
    path: "/nodes/{node}/qemu",
    permission: "all",
    parameters: (major) => ({
      ...vmOptions(major, true),
      ...atMajor<Schema>({ ...node, ...vmid, ...creation }, major),
    }),
    run: create,
  },
];
