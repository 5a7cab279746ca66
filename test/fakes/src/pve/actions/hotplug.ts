import type { Call } from "../api/call.ts";
import { ApiError, fail } from "../api/error.ts";
import { memoryMibOf, type Vm } from "../model/vm.ts";
import { parsePropertyString } from "../schema/check.ts";
import { busOf, isDriveName } from "../schema/drives.ts";
import { netFormat } from "../schema/net.ts";
import { isEnabled } from "./agent.ts";
import { detach, keepReplaced } from "./apply-pending.ts";
import { isCdrom, isCloudinit, storedDrive } from "./drive.ts";

/** Options that never touch a running VM. */
const FAST =
  /^(description|hookscript|lock|migrate_downtime|migrate_speed|name|onboot|protection|shares|startup|tags|vmstatestorage)$/;
const CLOUDINIT =
  /^(cicustom|cipassword|citype|ciupgrade|ciuser|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;
/** Changes of these drive keys wait for a restart. */
const COLD_DRIVE_KEYS = ["aio", "discard", "iothread", "queues", "product", "cache", "ssd", "vendor", "ro"];

/** Applies what a running VM can take of its pending changes; the rest stays pending. Gives what went wrong by option. */
export function hotplug(call: Call, vm: Vm): Record<string, string> {
  const problems: Record<string, string> = {};
  const tryIt = (name: string, run: () => boolean): boolean => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problems[name] = `hotplug problem - ${error.message}`;
      return false;
    }
  };
  for (const [name, force] of [...vm.pendingDeletes].sort()) {
    if (!tryIt(name, () => canRemove(call, vm, name))) continue;
    detach(call, vm, name, force);
    delete vm.config[name];
    vm.pendingDeletes.delete(name);
  }
  for (const [name, value] of Object.entries(vm.pending)) {
    if (!tryIt(name, () => canChange(call, vm, name, value))) continue;
    const before = vm.config[name];
    if (before !== undefined && isDriveName(name)) keepReplaced(call, vm, name, before, value);
    vm.config[name] = value;
    delete vm.pending[name];
  }
  return problems;
}

function features(vm: Vm): Set<string> {
  const value = vm.config["hotplug"] ?? "1";
  if (value === "0") return new Set();
  return new Set((value === "1" ? "network,disk,usb" : value).split(/[,;\s]+/));
}

const isFast = (call: Call, name: string) =>
  FAST.test(name) || (call.cluster.release.major >= 7 && CLOUDINIT.test(name));

function canRemove(call: Call, vm: Vm, name: string): boolean {
  const has = features(vm);
  if (isFast(call, name) || name === "cpuunits" || name === "cpulimit") return true;
  if (name === "hotplug") return !/cpu|memory/.test(vm.config["hotplug"] ?? "");
  if (name === "tablet") return has.has("usb");
  if (name === "vcpus") return has.has("cpu");
  if (name === "memory") return has.has("memory");
  if (name === "balloon") return vm.config["balloon"] !== "0";
  if (/^net\d+$/.test(name)) return has.has("network");
  if (isDriveName(name)) return has.has("disk") && !/^(efidisk|ide|sata|tpmstate)/.test(name);
  return false;
}

function canChange(call: Call, vm: Vm, name: string, value: string): boolean {
  const has = features(vm);
  const before = vm.config[name];
  if (isFast(call, name) || name === "cpuunits" || name === "cpulimit") return true;
  if (name === "hotplug") return !/cpu|memory/.test(`${value},${before ?? ""}`);
  if (name === "tablet") return has.has("usb");
  if (name === "vcpus") return has.has("cpu") && vcpusFit(vm, Number(value));
  if (name === "memory") return has.has("memory") && memoryFits(call, value);
  if (name === "balloon") return ((before ?? "1") !== "0") === (value !== "0");
  if (name === "agent") return before !== undefined && isEnabled(before) === isEnabled(value);
  if (/^net\d+$/.test(name))
    return has.has("network") || (before !== undefined && sameCard(call, before, value));
  if (isDriveName(name)) return driveFits(call, vm, name, value, has.has("disk"));
  return false;
}

function vcpusFit(vm: Vm, vcpus: number): boolean {
  if (vcpus > Number(vm.config["sockets"] ?? 1) * Number(vm.config["cores"] ?? 1))
    fail("you can't add more vcpus than maxcpus");
  return true;
}

function memoryFits(call: Call, value: string): boolean {
  const wanted = memoryMibOf({ memory: value });
  if (wanted < 1024) fail("memory can't be lower than 1024 MB");
  if (wanted * 2 ** 20 > call.node.memoryBytes) fail("VM memory hotplug failed: Cannot allocate memory");
  return true;
}

/** The card itself stays: only bridge, VLAN, rate or firewall change, which needs no hot-plug. */
function sameCard(call: Call, before: string, after: string): boolean {
  const { release, book } = call.cluster;
  const [old, fresh] = [before, after].map((value) =>
    parsePropertyString({ keys: netFormat(release.major) }, value, book),
  );
  return ["model", "macaddr", "queues", "mtu"].every((key) => old?.[key] === fresh?.[key]);
}

function driveFits(call: Call, vm: Vm, name: string, value: string, canPlug: boolean): boolean {
  const bus = busOf(name);
  if (bus === "efidisk" || bus === "tpmstate") return false;
  const fresh = storedDrive(call.cluster, name, value);
  const before = vm.config[name];
  if (before === undefined) return canPlug && bus !== "ide" && bus !== "sata";
  const old = storedDrive(call.cluster, name, before);
  if (isCdrom(old) !== isCdrom(fresh)) fail("unable to change media type");
  if (isCdrom(old) || isCloudinit(fresh)) return true;
  if (old.file !== fresh.file) return canPlug && bus !== "ide" && bus !== "sata";
  return COLD_DRIVE_KEYS.every((key) => old[key] === fresh[key]);
}
