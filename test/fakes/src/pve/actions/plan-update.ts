import type { Call } from "../api/call.ts";
import { fail, refuse } from "../api/error.ts";
import { memoryMibOf, type Vm } from "../model/vm.ts";
import { splitList } from "../schema/check.ts";
import {
  checkBridgePrivileges,
  checkCpuModelPrivileges,
  checkOptionPrivileges,
} from "./config-permission.ts";
import { loadVm, mustBeUnlocked, mustHaveDigest } from "./find.ts";
import { withMacs } from "./macs.ts";
import { checkSshKeys, clampCpuUnits } from "./option-values.ts";
import { rootOnly } from "./root-only.ts";
import { checkStorageAccess, normalizeDrives } from "./storage-access.ts";

/** The option that names the volume with a suspended VM's memory. It can be removed and not set. */
export const SAVED_MEMORY = "vmstate";

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
  const exists = (name: string) => name in call.cluster.options || name === SAVED_MEMORY;
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

/** What depends on the VM as it is now; looked at before and again under the lock. Throws. */
export function checkState(call: Call, { set, remove, digest, skiplock }: UpdatePlan): Vm {
  const vm = loadVm(call);
  mustHaveDigest(vm, digest);
  checkCpuModelPrivileges(call, set, vm.config);
  // Dropping the saved memory of a suspended VM is what ends its lock.
  const wakes = vm.config["lock"] === "suspended" && remove.includes(SAVED_MEMORY);
  if (!skiplock && !wakes) mustBeUnlocked(vm);
  if (set["memory"] !== undefined || set["balloon"] !== undefined) {
    const memory = set["memory"] ?? vm.pending["memory"] ?? vm.config["memory"];
    const balloon = Number(set["balloon"] ?? vm.pending["balloon"] ?? vm.config["balloon"] ?? 0);
    if (balloon > memoryMibOf(memory === undefined ? {} : { memory }))
      fail("balloon value too large (must be smaller than assigned memory)");
  }
  return vm;
}
