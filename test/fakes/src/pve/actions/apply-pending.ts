import type { Call } from "../api/call.ts";
import type { Worker } from "../model/tasks.ts";
import type { Vm } from "../model/vm.ts";
import { isDriveName } from "../schema/drives.ts";
import { isCdrom, isCloudinit, storedDrive } from "./drive.ts";
import { keepUnused, removeVolume } from "./unused.ts";

/** Forgets pending changes that change nothing. */
export function cleanPending(vm: Vm): void {
  for (const [name, value] of Object.entries(vm.pending))
    if (vm.config[name] === value) delete vm.pending[name];
  for (const name of vm.pendingDeletes.keys())
    if (vm.config[name] === undefined) vm.pendingDeletes.delete(name);
}

/** Takes all pending changes into the configuration of a VM that does not run. */
export function applyPending(call: Call, vm: Vm, worker: Pick<Worker, "print">): void {
  for (const [name, force] of [...vm.pendingDeletes].sort()) {
    detach(call, vm, name, force);
    delete vm.config[name];
    vm.pendingDeletes.delete(name);
  }
  cleanPending(vm);
  for (const [name, value] of Object.entries(vm.pending)) {
    const before = vm.config[name];
    if (before !== undefined && isDriveName(name)) keepReplaced(call, vm, name, before, value);
    if (isDriveName(name) && isCloudinit(storedDrive(call.cluster, name, value)))
      worker.print("generating cloud-init ISO");
    vm.config[name] = value;
    delete vm.pending[name];
  }
}

/** Detaches a drive that is removed from the configuration: its volume becomes unused, or goes by force. */
export function detach(call: Call, vm: Vm, name: string, force: boolean): void {
  const value = vm.config[name];
  if (value === undefined || !isDriveName(name)) return;
  const drive = storedDrive(call.cluster, name, value);
  if (force && !(isCdrom(drive) && !isCloudinit(drive))) {
    call.need(`/vms/${vm.vmid}`, "VM.Config.Disk");
    removeVolume(call.cluster, vm, name, drive.file);
  } else keepUnused(call.cluster, vm, drive);
}

/** Keeps the volume of a drive that is set anew to another one. */
export function keepReplaced(call: Call, vm: Vm, name: string, before: string, after: string): void {
  const old = storedDrive(call.cluster, name, before);
  if (old.file !== storedDrive(call.cluster, name, after).file) keepUnused(call.cluster, vm, old);
}
