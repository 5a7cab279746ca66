import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import type { VmConfig } from "../model/config.ts";
import type { Worker } from "../model/tasks.ts";
import type { Snapshot, Vm } from "../model/vm.ts";
import { drivesOf, findVolume, isCdrom, splitVolumeId, storageOn } from "./drive.ts";
import { loadVm, mustBeUnlocked } from "./find.ts";
import { startVm } from "./start.ts";

/** Keys that stay behind when a configuration goes into a snapshot or comes out of one. */
const NOT_COPIED = /^(snapstate|snaptime|vmstate|lock|digest|description|unused\d+)$/;
const DRIVER_STATE_MIB = 500;

const copyConfig = (config: Readonly<VmConfig>): VmConfig =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !NOT_COPIED.test(name)));

/** Takes a snapshot; with `withState` of a running VM, its memory too. The VM's lock is held for the prologue only. */
export async function takeSnapshot(
  call: Call,
  name: string,
  withState: boolean,
  worker: Worker,
): Promise<void> {
  const { cluster } = call;
  const vm = await cluster.locks.hold(call.vmid, 10, () => {
    const found = loadVm(call);
    if (found.isTemplate) fail("you can't take a snapshot if it's a template");
    mustBeUnlocked(found);
    if (found.snapshots.has(name)) fail(`snapshot name '${name}' already used`);
    if (!hasFeature(call, found.config, "snapshot", false)) fail("snapshot feature is not available");
    found.config["lock"] = "snapshot";
    return found;
  });
  try {
    const state = withState && vm.isRunning ? saveState(call, vm, name, worker) : {};
    const { lock, ...config } = vm.config;
    const description = call.values["description"];
    const snapshot: Snapshot = {
      ...copyConfig(config),
      ...state,
      snaptime: String(Math.floor(Date.now() / 1000)),
      ...(description === undefined || description === "" ? {} : { description }),
    };
    await worker.step();
    for (const [drive, { file }] of disksOf(call, vm.config)) {
      worker.print(`snapshotting 'drive-${drive}' (${file})`);
      findVolume(cluster, vm.node, file)?.volume.snapshots.add(name);
    }
    vm.snapshots.set(name, snapshot);
    vm.config["parent"] = name;
  } finally {
    delete vm.config["lock"];
  }
}

/** Saves a running VM's memory as a volume; gives the configuration's keys that tell of it. */
export function saveState(call: Call, vm: Vm, name: string, worker: Worker, storageId?: string): Snapshot {
  const target = storageId ?? vm.config["vmstatestorage"] ?? stateStorage(call, vm);
  const storage = storageOn(call.cluster, target, vm.node);
  const volume = storage.allocate(vm.node, {
    vmid: vm.vmid,
    sizeBytes: (vm.memoryMib * 2 + DRIVER_STATE_MIB) * 2 ** 20,
    format: "raw",
    name: `vm-${vm.vmid}-state-${name}`,
    print: worker.print,
  });
  worker.print(`saving VM state and RAM using storage '${target}'`);
  return {
    vmstate: `${target}:${volume.name}`,
    runningmachine: vm.process?.machine ?? "",
    runningcpu: vm.process?.cpu ?? "",
  };
}

/** The storage of the first disk that can hold it. */
function stateStorage(call: Call, vm: Vm): string {
  const first = disksOf(call, vm.config)[0];
  return (first === undefined ? undefined : splitVolumeId(first[1].file)?.storage) ?? "local";
}

const disksOf = (call: Call, config: Readonly<VmConfig>) =>
  drivesOf(call.cluster, config).filter(([, drive]) => !isCdrom(drive) && drive.file !== "none");

/** Can all disks of a configuration do it? */
export function hasFeature(
  call: Call,
  config: Readonly<VmConfig>,
  feature: string,
  ofSnapshot: boolean,
): boolean {
  return disksOf(call, config).every(([, { file }]) => {
    const found = findVolume(call.cluster, call.node.name, file);
    return found?.storage.hasFeature(feature, found.volume, ofSnapshot) ?? false;
  });
}

/** A snapshot of a VM. Fails when there is none of this name. */
export function snapshotOf(vm: Vm, name: string): Snapshot {
  return vm.snapshots.get(name) ?? fail(`snapshot '${name}' does not exist`);
}

/** Brings a VM back to a snapshot: stops it, and starts it where the snapshot holds its memory. */
export async function rollBack(call: Call, name: string, worker: Worker): Promise<void> {
  await call.cluster.locks.hold(call.vmid, 10, async () => {
    const vm = loadVm(call);
    if (vm.isTemplate) fail("you can't rollback if vm is a template");
    const snapshot = snapshotOf(vm, name);
    mustBeUnlocked(vm);
    vm.process = undefined;
    vm.config["lock"] = "rollback";
    await worker.step();
    const kept = Object.entries(vm.config).filter(
      ([key]) => key === "description" || /^unused\d+$/.test(key),
    );
    const { runningmachine, runningcpu, ...config } = copyConfig(snapshot);
    vm.config = { ...config, ...Object.fromEntries(kept), parent: name };
    vm.pending = {};
    vm.pendingDeletes.clear();
    if (snapshot["vmstate"] !== undefined) await startVm(call, vm, worker);
  });
}

/** Deletes a snapshot with its volumes' snapshots and its memory. */
export async function deleteSnapshot(call: Call, name: string, worker: Worker): Promise<void> {
  const { cluster } = call;
  const vm = loadVm(call);
  const snapshot = snapshotOf(vm, name);
  mustBeUnlocked(vm);
  vm.config["lock"] = "snapshot-delete";
  try {
    await worker.step();
    const state = snapshot["vmstate"];
    const found = state === undefined ? undefined : findVolume(cluster, vm.node, state);
    if (found !== undefined) found.storage.free(vm.node, found.volume);
    for (const [, { file }] of disksOf(call, snapshot))
      findVolume(cluster, vm.node, file)?.volume.snapshots.delete(name);
    vm.snapshots.delete(name);
    for (const config of [vm.config, ...vm.snapshots.values()]) reparent(config, name, snapshot["parent"]);
  } finally {
    delete vm.config["lock"];
  }
}

function reparent(config: VmConfig, from: string, to: string | undefined): void {
  if (config["parent"] !== from) return;
  if (to === undefined) delete config["parent"];
  else config["parent"] = to;
}
