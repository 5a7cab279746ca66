import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import type { Worker } from "../model/tasks.ts";
import { findVm, mustBeUnlocked } from "./find.ts";
import { saveState } from "./snapshots.ts";

/** Writes a running VM's memory to a storage and stops it; it stays locked as suspended. */
export async function suspendToDisk(call: Call, worker: Worker): Promise<void> {
  await call.cluster.locks.hold(call.vmid, 10, async () => {
    const vm = findVm(call);
    if (!vm.isRunning) fail(`VM ${vm.vmid} not running`);
    if (!call.flag("skiplock")) mustBeUnlocked(vm);
    const day = new Date().toISOString().slice(0, 10);
    const state = saveState(call, vm, `suspend-${day}`, worker, call.values["statestorage"]);
    vm.config["lock"] = "suspending";
    await worker.step();
    worker.print("State saved, quitting");
    Object.assign(vm.config, state, { lock: "suspended" });
    vm.process = undefined;
  });
}
