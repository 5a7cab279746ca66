import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail } from "../api/error.ts";
import { on } from "../api/permission.ts";
import { ownsVolume } from "../actions/create-disks.ts";
import { drivesOf, findVolume, isCdrom, isCloudinit } from "../actions/drive.ts";
import { loadVm, mustBeUnlocked, mustBeUnprotected } from "../actions/find.ts";
import { rootOnly } from "../actions/root-only.ts";
import type { Vm } from "../model/vm.ts";
import { skiplock, vmPath } from "../schema/parameters.ts";
import { flag } from "../schema/schema.ts";

const path = "/nodes/{node}/qemu/{vmid}";
const SUBDIRS =
  "config cloudinit pending status unlink vncproxy termproxy migrate resize move rrd rrddata monitor agent" +
  " snapshot spiceproxy sendkey firewall mtunnel remote_migrate";

function destroy(call: Call): string {
  rootOnly(call, "skiplock");
  mustBeRemovable(call);
  return call.fork("qmdestroy", call.vmid, (worker) =>
    call.cluster.locks.hold(call.vmid, 10, async () => {
      const vm = mustBeRemovable(call);
      if (!call.flag("skiplock") && vm.config["lock"] !== "suspended") mustBeUnlocked(vm);
      mustNotBeABase(call, vm);
      await worker.step();
      removeVolumes(call, vm);
      if (call.flag("purge")) worker.print(`purging VM ${vm.vmid} from related configurations..`);
      call.cluster.vms.delete(vm.vmid);
    }),
  );
}

function mustBeRemovable(call: Call): Vm {
  const vm = loadVm(call);
  mustBeUnprotected(vm, `can't remove VM ${vm.vmid}`);
  if (vm.isRunning) fail(`VM ${vm.vmid} is running - destroy failed`);
  return vm;
}

function mustNotBeABase(call: Call, vm: Vm): void {
  if (!vm.isTemplate) return;
  for (const volumeId of volumeIds(call, vm)) {
    const found = findVolume(call.cluster, vm.node, volumeId);
    if (found?.storage.isBaseInUse(vm.node, found.volume))
      fail(`base volume '${volumeId}' is still in use by linked cloned`);
  }
}

/** Volumes that the configuration and its snapshots mention. */
function volumeIds(call: Call, vm: Vm): string[] {
  const configs = [vm.config, vm.pending, ...vm.snapshots.values()];
  const drives = configs.flatMap((config) => drivesOf(call.cluster, config).map(([, drive]) => drive));
  const disks = drives.filter((drive) => !isCdrom(drive) || isCloudinit(drive)).map((drive) => drive.file);
  const others = configs.flatMap((config) =>
    Object.entries(config)
      .filter(([name]) => /^(unused\d+|vmstate)$/.test(name))
      .map(([, value]) => value),
  );
  return [...new Set([...disks, ...others])];
}

function removeVolumes(call: Call, vm: Vm): void {
  const { cluster } = call;
  for (const volumeId of volumeIds(call, vm)) {
    const found = ownsVolume(vm.vmid, volumeId) ? findVolume(cluster, vm.node, volumeId) : undefined;
    if (found === undefined) continue;
    found.storage.free(vm.node, found.volume);
  }
  if (!call.flag("destroy-unreferenced-disks")) return;
  for (const storage of cluster.storages.values())
    for (const volume of [...storage.volumes(vm.node).values()])
      if (volume.vmid === vm.vmid) storage.free(vm.node, volume);
}

export const vmDestroyEndpoints: readonly Endpoint[] = [
  {
    method: "DELETE",
    path,
    permission: on("/vms/{vmid}", "VM.Allocate"),
    parameters: { ...vmPath, ...skiplock, "destroy-unreferenced-disks": flag(), purge: flag() },
    run: destroy,
  },
  {
    method: "GET",
    path,
    permission: "all",
    parameters: vmPath,
    run: () => SUBDIRS.split(" ").map((subdir) => ({ subdir })),
  },
];
