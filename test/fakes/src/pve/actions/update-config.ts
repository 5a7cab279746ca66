import type { Call } from "../api/call.ts";
import { fail, refuse } from "../api/error.ts";
import type { Worker } from "../model/tasks.ts";
import type { Vm } from "../model/vm.ts";
import { isDriveName } from "../schema/drives.ts";
import { applyPending, cleanPending } from "./apply-pending.ts";
import { checkDevicePrivileges, checkDrivePrivileges } from "./config-permission.ts";
import { createDisks } from "./create-disks.ts";
import { storedDrive } from "./drive.ts";
import { mustBeUnprotected } from "./find.ts";
import { hotplug } from "./hotplug.ts";
import { checkMachine } from "./machine.ts";
import { checkState, SAVED_MEMORY, type UpdatePlan } from "./plan-update.ts";
import { uniqueTags } from "./tags.ts";
import { removeVolume } from "./unused.ts";

/** Makes the change: all of it on a stopped VM, on a running one what can be; the rest waits as pending. */
export function updateConfig(call: Call, plan: UpdatePlan, worker: Pick<Worker, "print">): void {
  const vm = checkState(call, plan);
  for (const name of plan.revert) revert(vm, name);
  for (const name of plan.remove) removeOption(call, vm, name, plan.force);
  for (const [name, value] of Object.entries(plan.set).sort()) setOption(call, vm, name, value, worker);
  cleanPending(vm);
  if (vm.isRunning) {
    const problems = hotplug(call, vm);
    if (Object.keys(problems).length > 0) refuse(problems);
  } else applyPending(call, vm, worker);
}

function revert(vm: Vm, name: string): void {
  delete vm.pending[name];
  vm.pendingDeletes.delete(name);
}

function removeOption(call: Call, vm: Vm, name: string, force: boolean): void {
  const value = vm.config[name] ?? vm.pending[name];
  if (value === undefined) return;
  if (name === SAVED_MEMORY) return forgetMemory(call, vm, value);
  delete vm.pending[name];
  leaveBootOrder(vm, name);
  if (/^unused\d+$/.test(name)) {
    mustBeUnprotected(vm, `can't remove unused disk '${value}'`);
    call.need(`/vms/${vm.vmid}`, "VM.Config.Disk");
    removeVolume(call.cluster, vm, name, value);
    delete vm.config[name];
    return;
  }
  if (isDriveName(name)) {
    mustBeUnprotected(vm, `can't remove drive '${name}'`);
    checkDrivePrivileges(call, vm.vmid, storedDrive(call.cluster, name, value));
  } else if (name === "tags") call.need(`/vms/${vm.vmid}`, "VM.Config.Options");
  else checkDevicePrivileges(call, vm.vmid, { [name]: value });
  if (vm.config[name] !== undefined) vm.pendingDeletes.set(name, force);
}

function forgetMemory(call: Call, vm: Vm, volumeId: string): void {
  removeVolume(call.cluster, vm, SAVED_MEMORY, volumeId);
  for (const key of [SAVED_MEMORY, "lock", "runningcpu", "runningmachine"]) delete vm.config[key];
}

function leaveBootOrder(vm: Vm, name: string): void {
  const order = bootOrder(vm);
  if (order.includes(name)) vm.pending["boot"] = `order=${order.filter((each) => each !== name).join(";")}`;
}

const bootOrder = (vm: Vm) =>
  /order=([^,]*)/
    .exec(vm.pending["boot"] ?? vm.config["boot"] ?? "")?.[1]
    ?.split(";")
    .filter((name) => name !== "") ?? [];

function setOption(call: Call, vm: Vm, name: string, value: string, worker: Pick<Worker, "print">): void {
  if (vm.pending[name] === value) return;
  if (isDriveName(name)) setDrive(call, vm, name, value, worker);
  else vm.pending[name] = stored(call, vm, name, value);
  vm.pendingDeletes.delete(name);
}

/** A value as it is kept; throws when it cannot be. */
function stored(call: Call, vm: Vm, name: string, value: string): string {
  checkDevicePrivileges(call, vm.vmid, { [name]: value });
  if (name === "machine") checkMachine(value);
  if (name === "boot") checkBootOrder(vm, value);
  if (name === "tags") {
    call.need(`/vms/${vm.vmid}`, "VM.Config.Options");
    return uniqueTags(value, call.cluster.release.major);
  }
  return name === "description" ? value.trimEnd() : value;
}

function checkBootOrder(vm: Vm, value: string): void {
  for (const device of /order=([^,]*)/.exec(value)?.[1]?.split(";") ?? [])
    if (device !== "" && vm.config[device] === undefined && vm.pending[device] === undefined)
      fail(`invalid bootorder: device '${device}' does not exist'`);
}

function setDrive(call: Call, vm: Vm, name: string, value: string, worker: Pick<Worker, "print">): void {
  const before = vm.config[name];
  if (before !== undefined) {
    const old = storedDrive(call.cluster, name, before);
    checkDrivePrivileges(call, vm.vmid, old);
    const fresh = storedDrive(call.cluster, name, value);
    if (
      name === "tpmstate0" &&
      old.file === fresh.file &&
      (old["version"] ?? "v1.2") !== (fresh["version"] ?? "v1.2")
    )
      fail("cannot change TPM state version after creation");
  }
  const fresh = storedDrive(call.cluster, name, value);
  checkDrivePrivileges(call, vm.vmid, fresh);
  const created = createDisks({
    call,
    vmid: vm.vmid,
    options: { [name]: value },
    isTemplate: vm.isTemplate,
    worker,
  });
  vm.pending[name] = created[name] as string;
  const order = bootOrder(vm);
  if (fresh["media"] === "cdrom" && order.length > 0 && !order.includes(name))
    vm.pending["boot"] = `order=${[...order, name].join(";")}`;
}
