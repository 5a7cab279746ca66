import type { Call } from "../api/call.ts";
import { fail, refuse } from "../api/error.ts";
import type { Worker } from "../model/tasks.ts";
import { memoryMibOf, type Vm } from "../model/vm.ts";
import { splitList } from "../schema/check.ts";
import { isDriveName } from "../schema/drives.ts";
import { applyPending, cleanPending } from "./apply-pending.ts";
import {
  checkBridgePrivileges,
  checkCpuModelPrivileges,
  checkDevicePrivileges,
  checkDrivePrivileges,
  checkOptionPrivileges,
} from "./config-permission.ts";
import { createDisks } from "./create-disks.ts";
import { storedDrive } from "./drive.ts";
import { loadVm, mustBeUnlocked, mustBeUnprotected, mustHaveDigest } from "./find.ts";
import { hotplug } from "./hotplug.ts";
import { withMacs } from "./macs.ts";
import { checkMachine } from "./machine.ts";
import { checkSshKeys, clampCpuUnits } from "./option-values.ts";
import { rootOnly } from "./root-only.ts";
import { checkStorageAccess, normalizeDrives } from "./storage-access.ts";
import { uniqueTags } from "./tags.ts";
import { removeVolume } from "./unused.ts";

/** A checked change of a configuration. */
export interface UpdatePlan {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  readonly revert: readonly string[];
  readonly force: boolean;
  readonly digest: string | undefined;
  readonly skiplock: boolean;
  /** As the task's log shows it. */
  readonly logLine: string;
}

const NOT_OPTIONS =
  /^(node|vmid|digest|background_delay|import-working-storage|skiplock|delete|revert|force)$/;
const NOT_LOGGED = /^(node|vmid|digest|background_delay|import-working-storage)$/;

/** Checks all that can be checked before the change. Throws. */
export function planUpdate(call: Call): UpdatePlan {
  const { values, vmid } = call;
  const logged = Object.entries(values)
    .filter(([name]) => !NOT_LOGGED.test(name))
    .sort()
    .map(([name, value]) => `-${name} ${name === "cipassword" ? "<hidden>" : value}`);
  rootOnly(call, "skiplock");
  const set = Object.fromEntries(Object.entries(values).filter(([name]) => !NOT_OPTIONS.test(name)));
  checkSshKeys(set);
  clampCpuUnits(set, call.cluster.release.major);
  const revert = splitList(values["revert"] ?? "");
  const remove = splitList(values["delete"] ?? "").map((name) => (name === "cdrom" ? "ide2" : name));
  if (Object.keys(set).length + revert.length + remove.length === 0) fail("no options specified");
  checkNames(call, set, remove, revert);
  normalizeDrives(call, set);
  const complete = withMacs(call.cluster, set);
  checkOptionPrivileges(call, vmid, [...remove].sort());
  checkOptionPrivileges(call, vmid, Object.keys(set).sort());
  checkStorageAccess(call, vmid, set);
  checkBridgePrivileges(call, set);
  const plan: UpdatePlan = {
    set: complete,
    remove,
    revert,
    force: call.flag("force"),
    digest: values["digest"],
    skiplock: call.flag("skiplock"),
    logLine: `update VM ${vmid}: ${logged.join(" ")}`,
  };
  checkState(call, plan);
  return plan;
}

function checkNames(
  call: Call,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
  revert: readonly string[],
): void {
  const exists = (name: string) => name in call.cluster.options;
  for (const name of revert) {
    if (!exists(name)) refuse({ revert: `unknown option '${name}'` });
    if (name in set) refuse({ delete: `you can't use '-${name}' and -revert ${name}' at the same time` });
  }
  for (const name of remove) {
    if (name in set) refuse({ delete: `you can't use '-${name}' and -delete ${name}' at the same time` });
    if (revert.includes(name))
      refuse({ revert: `you can't use '-delete ${name}' and -revert ${name}' at the same time` });
    if (!exists(name)) refuse({ delete: `unknown option '${name}'` });
  }
}

/** What depends on the VM as it is now; looked at before and again under the lock. */
function checkState(call: Call, { set, digest, skiplock }: UpdatePlan): Vm {
  const vm = loadVm(call);
  mustHaveDigest(vm, digest);
  checkCpuModelPrivileges(call, set, vm.config);
  if (!skiplock) mustBeUnlocked(vm);
  if (set["memory"] !== undefined || set["balloon"] !== undefined) {
    const memory = set["memory"] ?? vm.pending["memory"] ?? vm.config["memory"];
    const balloon = Number(set["balloon"] ?? vm.pending["balloon"] ?? vm.config["balloon"] ?? 0);
    if (balloon > memoryMibOf(memory === undefined ? {} : { memory }))
      fail("balloon value too large (must be smaller than assigned memory)");
  }
  return vm;
}

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
