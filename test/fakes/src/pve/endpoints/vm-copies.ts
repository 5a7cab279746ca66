import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail } from "../api/error.ts";
import { both, on } from "../api/permission.ts";
import { runClone } from "../actions/clone.ts";
import { drivesOf, findVolume, isCdrom, printDrive } from "../actions/drive.ts";
import { findVm, loadVm, mustBeUnlocked } from "../actions/find.ts";
import { planClone } from "../actions/plan-clone.ts";
import { hasFeature, snapshotOf } from "../actions/snapshots.ts";
import type { Worker } from "../model/tasks.ts";
import type { Vm } from "../model/vm.ts";
import { atMajor } from "../schema/by-major.ts";
import { driveNames } from "../schema/drives.ts";
import { vmidSchema, vmPath } from "../schema/parameters.ts";
import { choice, flag, formatted, integer, required, type Schema, text } from "../schema/schema.ts";

const path = "/nodes/{node}/qemu/{vmid}";

function clone(call: Call): string {
  const { isRunning } = findVm(call);
  planClone(call);
  const { locks } = call.cluster;
  return call.fork("qmclone", call.vmid, (worker) => {
    const target = () => locks.hold(Number(call.text("newid")), 1, () => runClone(call, worker));
    // Of a stopped VM any number of clones can be made at once.
    return isRunning ? locks.hold(call.vmid, 1, target) : target();
  });
}

function mustBeConvertible(call: Call): Vm {
  const vm = loadVm(call);
  mustBeUnlocked(vm);
  if (vm.snapshots.size > 0) fail("unable to create template, because VM contains snapshots");
  if (vm.isTemplate && call.values["disk"] === undefined) fail("you can't convert a template to a template");
  if (vm.isRunning) fail("you can't convert a VM to template if VM is running");
  return vm;
}

async function convert(call: Call): Promise<string | null> {
  mustBeConvertible(call);
  const work = (worker: Worker) =>
    call.cluster.locks.hold(call.vmid, 10, async () => {
      const vm = mustBeConvertible(call);
      await worker.step();
      vm.config["template"] = "1";
      makeBases(call, vm);
    });
  const upid = call.fork("qmtemplate", call.vmid, work);
  // 6 forks it too but does not tell its UPID.
  return call.cluster.release.major >= 7 ? upid : null;
}

function makeBases(call: Call, vm: Vm): void {
  const only = call.values["disk"];
  for (const [name, drive] of drivesOf(call.cluster, vm.config)) {
    if (isCdrom(drive) || (only !== undefined && only !== name)) continue;
    const found = findVolume(call.cluster, vm.node, drive.file);
    if (found === undefined || !found.storage.type.clones) continue;
    const base = found.storage.makeBase(vm.node, found.volume);
    vm.config[name] = printDrive({ ...drive, file: `${found.storage.id}:${base.name}` });
  }
}

function feature(call: Call) {
  findVm(call);
  const vm = loadVm(call);
  const snapname = call.values["snapname"];
  const config = snapname === undefined ? vm.config : snapshotOf(vm, snapname);
  const has = hasFeature(call, config, call.text("feature"), snapname !== undefined);
  return { hasFeature: has ? 1 : 0, nodes: sharingNodes(call, vm) };
}

/** The nodes that see all of a VM's disks. */
function sharingNodes(call: Call, vm: Vm): string[] {
  const storages = drivesOf(call.cluster, vm.config).map(([, { file }]) =>
    call.cluster.storages.get(file.split(":")[0] ?? ""),
  );
  return [...call.cluster.nodes.keys()].filter((name) =>
    storages.every(
      (storage) => storage === undefined || (storage.isOn(name) && (storage.shared || name === vm.node)),
    ),
  );
}

export const vmCopyEndpoints: readonly Endpoint[] = [
  {
    method: "POST",
    path: `${path}/clone`,
    permission: both(on("/vms/{vmid}", "VM.Clone"), on("/vms/{newid}", "VM.Allocate")),
    parameters: (major) => ({
      ...atMajor<Schema>(vmPath, major),
      newid: required(vmidSchema.at(major) as Schema),
      bwlimit: integer(0),
      description: text(),
      format: choice("raw", "qcow2", "vmdk"),
      full: flag(),
      name: formatted("dns-name"),
      pool: formatted("pve-poolid"),
      snapname: formatted("pve-configid", { maxLength: 40 }),
      storage: formatted("pve-storage-id"),
      target: formatted("pve-node"),
    }),
    run: clone,
  },
  {
    method: "POST",
    path: `${path}/template`,
    permission: on("/vms/{vmid}", "VM.Allocate"),
    parameters: (major) => ({ ...atMajor<Schema>(vmPath, major), disk: choice(...driveNames(major)) }),
    run: convert,
  },
  {
    method: "GET",
    path: `${path}/feature`,
    permission: on("/vms/{vmid}", "VM.Audit"),
    parameters: {
      ...vmPath,
      feature: required(choice("snapshot", "clone", "copy")),
      snapname: formatted("pve-configid", { maxLength: 40 }),
    },
    run: feature,
  },
];
