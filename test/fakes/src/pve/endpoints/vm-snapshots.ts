import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail } from "../api/error.ts";
import { anyOn, on } from "../api/permission.ts";
import { loadVm, mustBeUnlocked } from "../actions/find.ts";
import { deleteSnapshot, rollBack, snapshotOf, takeSnapshot } from "../actions/snapshots.ts";
import { forkStart } from "../actions/start.ts";
import { typedConfig } from "../model/config.ts";
import { byMajor } from "../schema/by-major.ts";
import { snapname, vmPath } from "../schema/parameters.ts";
import { flag, text } from "../schema/schema.ts";

const path = "/nodes/{node}/qemu/{vmid}/snapshot";
const one = `${path}/{snapname}`;

function list(call: Call) {
  const vm = loadVm(call);
  const snapshots = [...vm.snapshots].map(([name, snapshot]) => ({
    name,
    snaptime: Number(snapshot["snaptime"] ?? 0),
    vmstate: snapshot["vmstate"] === undefined ? 0 : 1,
    description: snapshot["description"] ?? "",
    ...parentOf(snapshot["parent"]),
  }));
  const current = {
    name: "current",
    digest: vm.digest,
    running: vm.isRunning ? 1 : 0,
    description: "You are here!",
    ...parentOf(vm.config["parent"]),
  };
  return [...snapshots, current];
}

const parentOf = (parent: string | undefined) => (parent === undefined ? {} : { parent });

function take(call: Call): string {
  const name = call.text("snapname");
  if (name === "current" || name.toLowerCase() === "pending")
    fail(`unable to use snapshot name '${name.toLowerCase()}' (reserved name)`);
  loadVm(call);
  return call.fork("qmsnapshot", call.vmid, (worker) =>
    takeSnapshot(call, name, call.flag("vmstate"), worker),
  );
}

function rollback(call: Call): string {
  const name = call.text("snapname");
  if (call.flag("start")) call.need(`/vms/${call.vmid}`, "VM.PowerMgmt");
  return call.fork("qmrollback", call.vmid, async (worker) => {
    await rollBack(call, name, worker);
    if (call.flag("start") && !loadVm(call).isRunning) forkStart(call);
  });
}

function remove(call: Call): string {
  return call.fork("qmdelsnapshot", call.vmid, (worker) =>
    deleteSnapshot(call, call.text("snapname"), worker),
  );
}

/** Describes a snapshot anew. */
async function describe(call: Call): Promise<null> {
  const description = call.values["description"];
  if (description === undefined) return null;
  await call.cluster.locks.hold(call.vmid, 10, () => {
    const vm = loadVm(call);
    mustBeUnlocked(vm);
    snapshotOf(vm, call.text("snapname"))["description"] = description;
  });
  return null;
}

function read(call: Call) {
  return typedConfig(snapshotOf(loadVm(call), call.text("snapname")), call.cluster.options);
}

const mayRead = on("/vms/{vmid}", "VM.Audit");
const may = on("/vms/{vmid}", "VM.Snapshot");
const named = { ...vmPath, ...snapname };

export const vmSnapshotEndpoints: readonly Endpoint[] = [
  { method: "GET", path, permission: mayRead, parameters: vmPath, run: list },
  {
    method: "POST",
    path,
    permission: may,
    parameters: { ...named, description: text(), vmstate: flag() },
    run: take,
  },
  {
    method: "GET",
    path: one,
    permission: "all",
    local: true,
    parameters: named,
    run: () => [{ cmd: "rollback" }, { cmd: "config" }],
  },
  { method: "DELETE", path: one, permission: may, parameters: { ...named, force: flag() }, run: remove },
  {
    method: "GET",
    path: `${one}/config`,
    permission: anyOn("/vms/{vmid}", "VM.Snapshot", "VM.Snapshot.Rollback", "VM.Audit"),
    parameters: named,
    run: read,
  },
  {
    method: "PUT",
    path: `${one}/config`,
    permission: may,
    parameters: { ...named, description: text() },
    run: describe,
  },
  {
    method: "POST",
    path: `${one}/rollback`,
    permission: anyOn("/vms/{vmid}", "VM.Snapshot", "VM.Snapshot.Rollback"),
    parameters: { ...named, start: byMajor({ 7: flag() }) },
    run: rollback,
  },
];
