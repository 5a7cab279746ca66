import { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail } from "../api/error.ts";
import { on } from "../api/permission.ts";
import { isEnabled } from "../actions/agent.ts";
import { findVm, loadVm, mustBeUnlocked } from "../actions/find.ts";
import { rootOnly } from "../actions/root-only.ts";
import { forkStart, startVm } from "../actions/start.ts";
import { stopVm } from "../actions/stop.ts";
import { suspendToDisk } from "../actions/suspend.ts";
import { atMajor, byMajor, type VersionedTable } from "../schema/by-major.ts";
import { skiplock, vmPath } from "../schema/parameters.ts";
import { machineKeys, machineWord } from "../schema/property-formats.ts";
import {
  choice,
  flag,
  formatted,
  integer,
  matching,
  properties,
  type Schema,
  text,
} from "../schema/schema.ts";
import { statusEntry } from "./vm-stats.ts";

const path = "/nodes/{node}/qemu/{vmid}/status";

function current(call: Call) {
  const { cluster } = call;
  const vm = loadVm(call);
  const { agent, vga } = vm.config;
  return {
    ...statusEntry(cluster, vm, true),
    ha: { managed: 0 },
    ...(isEnabled(agent) ? { agent: 1 } : {}),
    ...(/^(type=)?(qxl|virtio)/.test(vga ?? "") ? { spice: 1 } : {}),
  };
}

function start(call: Call): string {
  rootOnly(
    call,
    ...["stateuri", "skiplock", "migratedfrom", "migration_type", "migration_network", "targetstorage"],
    ...["force-cpu", "with-conntrack-state", "nets-host-mtu"],
  );
  return forkStart(call);
}

function stop(call: Call): string {
  rootOnly(call, "skiplock", "keepActive", "migratedfrom");
  return call.fork("qmstop", call.vmid, (worker) =>
    call.cluster.locks.hold(call.vmid, 10, () =>
      stopVm({ call, worker, graceful: false, force: true, timeout: call.number("timeout") }),
    ),
  );
}

function shutdown(call: Call): string {
  rootOnly(call, "skiplock", "keepActive");
  const isPaused = call.cluster.vms.get(call.vmid)?.process?.status === "paused";
  if (isPaused && !call.flag("forceStop")) fail("VM is paused - cannot shutdown");
  return call.fork("qmshutdown", call.vmid, (worker) => {
    if (isPaused) worker.print("VM is paused - stop instead of shutdown");
    return call.cluster.locks.hold(call.vmid, 10, () =>
      stopVm({
        call,
        worker,
        graceful: !isPaused,
        force: call.flag("forceStop"),
        timeout: call.number("timeout"),
      }),
    );
  });
}

/** Fails unless the call's VM runs. */
function mustRun(call: Call) {
  const vm = findVm(call);
  return vm.process === undefined ? fail(`VM ${call.vmid} not running`) : { vm, process: vm.process };
}

function reboot(call: Call): string {
  if (call.cluster.vms.get(call.vmid)?.process?.status === "paused") fail("VM is paused - cannot shutdown");
  mustRun(call);
  return call.fork("qmreboot", call.vmid, (worker) =>
    call.cluster.locks.hold(call.vmid, 10, async () => {
      await stopVm({ call, worker, graceful: true, force: false, timeout: call.number("timeout") });
      // The event of the stopped QEMU starts it again, in a task of root's own; this one is done before.
      forkStart(new Call(call.cluster, call.node, "root@pam", { vmid: call.text("vmid") }));
    }),
  );
}

function reset(call: Call): string {
  rootOnly(call, "skiplock");
  mustRun(call);
  return call.fork("qmreset", call.vmid, async (worker) => {
    await worker.step();
    if (!call.flag("skiplock")) mustBeUnlocked(findVm(call));
    mustRun(call).process.programs.clear();
  });
}

function suspend(call: Call): string {
  rootOnly(call, "skiplock");
  mustRun(call);
  if (call.flag("todisk")) return call.fork("qmsuspend", call.vmid, (worker) => suspendToDisk(call, worker));
  return call.fork("qmpause", call.vmid, async (worker) => {
    await worker.step();
    const { vm, process } = mustRun(call);
    if (!call.flag("skiplock")) mustBeUnlocked(vm);
    process.status = "paused";
  });
}

function resume(call: Call): string {
  rootOnly(call, "skiplock", "nocheck");
  const isOnDisk = call.cluster.vms.get(call.vmid)?.config["lock"] === "suspended";
  if (!isOnDisk) mustRun(call);
  return call.fork("qmresume", call.vmid, async (worker) => {
    if (isOnDisk) {
      await call.cluster.locks.hold(call.vmid, 10, () => startVm(call, findVm(call), worker));
      return;
    }
    await worker.step();
    const { vm, process } = mustRun(call);
    if (process.status === "paused" && !call.flag("skiplock")) mustBeUnlocked(vm);
    process.status = "running";
  });
}

const may = on("/vms/{vmid}", "VM.PowerMgmt");
const timeout = { timeout: integer(0) };
const keepActive = { keepActive: flag() };
const migratedfrom = { migratedfrom: formatted("pve-node") };
const machine = byMajor<Schema>({
  6: machineWord,
  8: properties(atMajor(machineKeys, 8)),
  9: properties(atMajor(machineKeys, 9)),
});

const starting: VersionedTable<Schema> = {
  ...vmPath,
  ...skiplock,
  ...timeout,
  ...migratedfrom,
  "force-cpu": text(),
  machine,
  migration_network: formatted("CIDR"),
  migration_type: choice("secure", "insecure"),
  "nets-host-mtu": byMajor({ 9: matching("net\\d+=\\d+(,net\\d+=\\d+)*") }),
  stateuri: text({ maxLength: 128 }),
  targetstorage: byMajor({ 6: formatted("storagepair-list"), 7: formatted("storage-pair-list") }),
  "with-conntrack-state": byMajor({ 9: flag() }),
};

const action = (name: string, parameters: VersionedTable<Schema>, run: (call: Call) => string): Endpoint => ({
  method: "POST",
  path: `${path}/${name}`,
  permission: may,
  parameters: { ...vmPath, ...parameters },
  run,
});

export const vmPowerEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: `${path}/current`,
    permission: on("/vms/{vmid}", "VM.Audit"),
    parameters: vmPath,
    run: current,
  },
  action("start", starting, start),
  action(
    "stop",
    { ...skiplock, ...timeout, ...keepActive, ...migratedfrom, "overrule-shutdown": byMajor({ 8: flag() }) },
    stop,
  ),
  action("shutdown", { ...skiplock, ...timeout, ...keepActive, forceStop: flag() }, shutdown),
  action("reboot", timeout, reboot),
  action("reset", skiplock, reset),
  action(
    "suspend",
    { ...skiplock, todisk: flag(), statestorage: formatted("pve-storage-id", { requires: "todisk" }) },
    suspend,
  ),
  action("resume", { ...skiplock, nocheck: flag() }, resume),
];
