import type { Cluster } from "../model/cluster.ts";
import { memoryMibOf, type Vm } from "../model/vm.ts";
import { bootDiskBytes } from "../actions/drive.ts";
import { residentBytes } from "../actions/start.ts";

const MIB = 2 ** 20;
const DEFAULT_SHARES = 1000;

/** What a VM uses right now. A running one has used a little of everything since it started. */
function usageOf(vm: Vm) {
  if (vm.process === undefined)
    return { uptime: 0, cpu: 0, mem: 0, netin: 0, netout: 0, diskread: 0, diskwrite: 0 };
  const uptime = Math.floor((Date.now() - vm.process.startedAtMs) / 1000);
  return {
    uptime,
    cpu: vm.process.status === "running" ? 0.05 : 0,
    mem: residentBytes(vm),
    netin: 110 + uptime * 120,
    netout: uptime * 90,
    diskread: 2 ** 20 + uptime * 512,
    diskwrite: uptime * 1024,
  };
}

/** vCPUs as status shows them: never more than the host has, unless `vcpus` says so. */
function cpusOf(cluster: Cluster, vm: Vm): number {
  const { sockets = "1", cores = "1", vcpus } = vm.config;
  if (vcpus !== undefined) return Number(vcpus);
  return Math.min(Number(sockets) * Number(cores), cluster.nodes.get(vm.node)?.cpus ?? 1);
}

const nameOf = (vm: Vm): string => vm.config["name"] ?? `VM ${vm.vmid}`;

/** A VM in `cluster/resources`: whose it is at once, how it is as of the last round of statistics. */
export function resourceEntry(cluster: Cluster, vm: Vm) {
  const base = { id: `qemu/${vm.vmid}`, vmid: vm.vmid, node: vm.node, type: "qemu", status: "unknown" };
  const { lock, tags } = vm.config;
  const marks = {
    ...(lock === undefined ? {} : { lock }),
    // 6 does not show tags in lists.
    ...(tags === undefined || cluster.release.major < 7 ? {} : { tags }),
  };
  const isReachable = cluster.nodes.get(vm.node)?.online ?? false;
  const told = isReachable
    ? cluster.statistics.of(vm.vmid, vm.createdAtMs, () => measured(cluster, vm))
    : undefined;
  return { ...base, ...told, ...marks };
}

function measured(cluster: Cluster, vm: Vm): Record<string, string | number> {
  return {
    name: nameOf(vm),
    status: vm.isRunning ? "running" : "stopped",
    template: vm.isTemplate ? 1 : 0,
    maxcpu: cpusOf(cluster, vm),
    maxmem: memoryMibOf(vm.config) * MIB,
    maxdisk: bootDiskBytes(vm.config),
    disk: 0,
    ...usageOf(vm),
    ...(cluster.release.major >= 9 ? { memhost: residentBytes(vm) } : {}),
  };
}

/** A VM in `nodes/{node}/qemu`, and the base of its `status/current`. */
export function statusEntry(cluster: Cluster, vm: Vm, full: boolean) {
  const { config, process } = vm;
  const { major } = cluster.release;
  const { diskread, diskwrite, ...usage } = usageOf(vm);
  const { balloon, shares, lock, tags } = config;
  return {
    vmid: vm.vmid,
    name: nameOf(vm),
    status: process === undefined ? "stopped" : "running",
    cpus: cpusOf(cluster, vm),
    maxmem: memoryMibOf(config) * MIB,
    maxdisk: bootDiskBytes(vm.config),
    disk: 0,
    ...usage,
    ...(major >= 9 ? { memhost: residentBytes(vm) } : {}),
    ...(balloon === undefined || balloon === "0"
      ? {}
      : { balloon_min: Number(balloon) * MIB, shares: Number(shares ?? DEFAULT_SHARES) }),
    ...(vm.isTemplate ? { template: 1 } : {}),
    ...(Object.keys(config).some((name) => /^serial\d$/.test(name)) ? { serial: 1 } : {}),
    ...(lock === undefined ? {} : { lock }),
    ...(tags === undefined ? {} : { tags }),
    ...(process === undefined ? {} : { pid: process.pid }),
    ...(full ? { qmpstatus: process?.status ?? "stopped" } : {}),
    ...(full && process !== undefined ? { diskread, diskwrite, ...liveEntry(cluster, vm) } : {}),
  };
}

const PRESSURES = ["cpu", "io", "memory"].flatMap((what) => [`pressure${what}some`, `pressure${what}full`]);

function liveEntry(cluster: Cluster, vm: Vm) {
  const cards = Object.keys(vm.process?.config ?? {}).filter((name) => /^net\d+$/.test(name));
  const { netin, netout } = usageOf(vm);
  return {
    "running-machine": vm.process?.machine,
    "running-qemu": cluster.release.qemu,
    nics: Object.fromEntries(cards.map((card) => [`tap${vm.vmid}i${card.slice(3)}`, { netin, netout }])),
    ...(cluster.release.major >= 9 ? Object.fromEntries(PRESSURES.map((name) => [name, 0])) : {}),
  };
}
