import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail, refuse } from "../api/error.ts";
import { on } from "../api/permission.ts";
import { drivesOf, isCdrom, isCloudinit, splitVolumeId, storageOf, volumeOf } from "../actions/drive.ts";
import { loadVm, mustBeUnlocked } from "../actions/find.ts";
import { rootOnly } from "../actions/root-only.ts";
import type { Vm } from "../model/vm.ts";
import { byMajor } from "../schema/by-major.ts";
import { vmPath } from "../schema/parameters.ts";
import { choice, flag, formatted, integer, required } from "../schema/schema.ts";

const path = "/nodes/{node}/qemu/{vmid}/migrate";

/** What PVE looks at before a migration: storages, never the CPU or what the guest does with it. */
function preconditions(call: Call) {
  const vm = loadVm(call);
  mustBeUnlocked(vm);
  const others = [...call.cluster.nodes.keys()].filter((name) => name !== vm.node);
  const lacking = others.map((name) => [name, missingStorages(call, vm, name)] as const);
  const refused = lacking.filter(([, storages]) => storages.length > 0);
  const { major } = call.cluster.release;
  return {
    running: vm.isRunning ? 1 : 0,
    // Before 9 PVE names nodes only for a VM that does not run.
    ...(major >= 9 || !vm.isRunning
      ? {
          allowed_nodes: lacking.filter(([, storages]) => storages.length === 0).map(([name]) => name),
          not_allowed_nodes: Object.fromEntries(
            refused.map(([name, storages]) => [name, { unavailable_storages: storages }]),
          ),
        }
      : {}),
    local_disks: localDisks(call, vm),
    local_resources: Object.keys(vm.config).filter((name) => /^hostpci\d+$/.test(name)),
    ...(major >= 8 ? { "mapped-resources": [] } : {}),
    ...(major >= 9 ? { "mapped-resource-info": {}, "has-dbus-vmstate": 1 } : {}),
  };
}

function missingStorages(call: Call, vm: Vm, node: string): string[] {
  const ids = drivesOf(call.cluster, vm.config).map(([, { file }]) => splitVolumeId(file)?.storage);
  const known = [...new Set(ids.filter((id) => id !== undefined))];
  return known.filter((id) => !storageOf(call.cluster, id).isOn(node));
}

function localDisks(call: Call, vm: Vm) {
  return drivesOf(call.cluster, vm.config).flatMap(([drivename, drive]) => {
    const storage = splitVolumeId(drive.file)?.storage;
    if (storage === undefined || storageOf(call.cluster, storage).shared) return [];
    return [
      {
        drivename,
        volid: drive.file,
        size: volumeOf(call.cluster, vm.node, drive.file).volume.sizeBytes,
        cdrom: isCdrom(drive) ? 1 : 0,
        replicate: 1,
        shared: 0,
        is_attached: 1,
        is_cloudinit: isCloudinit(drive) ? 1 : 0,
        is_tpmstate: drivename === "tpmstate0" ? 1 : 0,
        is_unused: 0,
        is_vmstate: 0,
      },
    ];
  });
}

function migrate(call: Call): string {
  const { cluster } = call;
  const target = call.text("target");
  if (target === call.node.name) refuse({ target: "target is local node." });
  const to = cluster.nodes.get(target) ?? fail(`no such cluster node '${target}'`);
  rootOnly(call, "force", "migration_type", "migration_network");
  const vm = loadVm(call);
  mustBeUnlocked(vm);
  if (vm.isRunning && !call.flag("online")) fail("can't migrate running VM without --online");
  const [missing] = missingStorages(call, vm, target);
  if (missing !== undefined) fail(`storage '${missing}' is not available on node '${target}'`);
  return call.fork("qmigrate", call.vmid, (worker) =>
    cluster.locks.hold(call.vmid, 10, async () => {
      const moved = loadVm(call);
      if (!to.online) fail(`migration aborted: ssh: connect to host ${to.ip} port 22: No route to host`);
      if (moved.isRunning && localDisks(call, moved).length > 0 && !call.flag("with-local-disks"))
        fail("migration aborted: can't live migrate attached local disks without with-local-disks option");
      worker.print(`starting migration of VM ${moved.vmid} to node '${target}' (${to.ip})`);
      moved.config["lock"] = "migrate";
      await worker.step();
      moveVolumes(call, moved, target);
      delete moved.config["lock"];
      moved.node = target;
      worker.print("migration finished successfully");
    }),
  );
}

function moveVolumes(call: Call, vm: Vm, target: string): void {
  for (const [, { file }] of drivesOf(call.cluster, vm.config)) {
    const id = splitVolumeId(file)?.storage;
    if (id === undefined || storageOf(call.cluster, id).shared) continue;
    const { storage, volume } = volumeOf(call.cluster, vm.node, file);
    storage.volumes(vm.node).delete(volume.name);
    storage.volumes(target).set(volume.name, volume);
  }
}

const may = on("/vms/{vmid}", "VM.Migrate");

export const vmMigrateEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path,
    permission: may,
    parameters: { ...vmPath, target: formatted("pve-node") },
    run: preconditions,
  },
  {
    method: "POST",
    path,
    permission: may,
    parameters: {
      ...vmPath,
      target: required(formatted("pve-node")),
      bwlimit: integer(0),
      force: flag(),
      migration_network: formatted("CIDR"),
      migration_type: choice("secure", "insecure"),
      online: flag(),
      targetstorage: byMajor({ 6: formatted("storagepair-list"), 7: formatted("storage-pair-list") }),
      "with-conntrack-state": byMajor({ 9: flag() }),
      "with-local-disks": flag(),
    },
    run: migrate,
  },
];
