import { fail } from "../api/error.ts";
import type { Cluster } from "../model/cluster.ts";
import type { VmConfig } from "../model/config.ts";
import type { Vm } from "../model/vm.ts";
import { ownsVolume } from "./create-disks.ts";
import { type Drive, drivesOf, findVolume, isCdrom, isCloudinit } from "./drive.ts";

const MOST = 256;

/** Keeps a detached volume as `unusedN`; a cloud-init volume is removed instead. */
export function keepUnused(cluster: Cluster, vm: Vm, drive: Drive): void {
  const found = findVolume(cluster, vm.node, drive.file);
  if (found === undefined || !ownsVolume(vm.vmid, drive.file)) return;
  if (isCloudinit(drive)) found.storage.free(vm.node, found.volume);
  else if (!isCdrom(drive)) addUnused(vm.config, drive.file);
}

function addUnused(config: VmConfig, volumeId: string): void {
  for (let index = 0; index < MOST; index += 1) {
    const held = config[`unused${index}`];
    if (held === volumeId) return;
    if (held === undefined) {
      config[`unused${index}`] = volumeId;
      return;
    }
  }
  fail("Too many unused volumes - please delete them first.");
}

/** Removes a VM's own volume. Fails while a snapshot or another drive needs it. */
export function removeVolume(cluster: Cluster, vm: Vm, key: string, volumeId: string): void {
  const found = findVolume(cluster, vm.node, volumeId);
  if (found === undefined || !ownsVolume(vm.vmid, volumeId)) return;
  const configs = [...vm.snapshots.values(), { ...vm.config, [key]: "" }];
  const inUse = configs.some((config) =>
    drivesOf(cluster, withoutEmpty(config)).some(([, drive]) => drive.file === volumeId),
  );
  if (inUse) fail(`unable to delete '${volumeId}' - volume is still in use (snapshot?)`);
  found.storage.free(vm.node, found.volume);
}

const withoutEmpty = (config: Readonly<VmConfig>): VmConfig =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== ""));
