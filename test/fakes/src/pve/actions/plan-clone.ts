import type { Call } from "../api/call.ts";
import { fail, refuse } from "../api/error.ts";
import type { VmConfig } from "../model/config.ts";
import type { Vm } from "../model/vm.ts";
import { isDriveName } from "../schema/drives.ts";
import { checkBridgePrivileges, checkCpuModelPrivileges } from "./config-permission.ts";
import {
  type Drive,
  isCdrom,
  isCloudinit,
  splitVolumeId,
  storageOf,
  storageOn,
  storedDrive,
  volumeOf,
} from "./drive.ts";
import { loadVm, mustBeUnlocked } from "./find.ts";
import { snapshotOf } from "./snapshots.ts";

const NOT_CLONED = /^(snapstate|snaptime|parent|vmstate|runningcpu|runningmachine|unused\d+|template|lock)$/;

/** What a clone will be, as far as it can be known beforehand. */
export interface ClonePlan {
  readonly config: VmConfig;
  /** Drives whose volumes are copied or cloned. */
  readonly drives: readonly { readonly name: string; readonly drive: Drive; readonly full: boolean }[];
}

/** Checks all that can be checked before the task. Throws. */
export function planClone(call: Call): ClonePlan {
  const { cluster } = call;
  const source = loadVm(call);
  const newid = Number(call.text("newid"));
  const storage = call.values["storage"];
  if (storage !== undefined && !storageOn(cluster, storage, call.node.name).content.includes("images"))
    refuse({ storage: `storage '${storage}' does not support vm images` });
  mustBeUnlocked(source);
  const snapname = call.values["snapname"];
  const config = snapname === undefined ? source.config : snapshotOf(source, snapname);
  const full = call.values["full"] === undefined ? !source.isTemplate : call.flag("full");
  for (const name of ["storage", "format"])
    if (call.values[name] !== undefined && !full) fail(`parameter '${name}' not allowed for linked clones`);
  checkTarget(call, config, storage);
  checkBridgePrivileges(call, config);
  checkCpuModelPrivileges(call, config);
  if (cluster.vms.has(newid)) fail(`unable to create VM ${newid}: config file already exists`);
  return planDrives(call, source, config, full, snapname);
}

function checkTarget(call: Call, config: Readonly<VmConfig>, storage: string | undefined): void {
  let shared = true;
  for (const [name, value] of Object.entries(config).filter(([key]) => isDriveName(key))) {
    const drive = storedDrive(call.cluster, name, value);
    const from = splitVolumeId(drive.file)?.storage;
    if (from === undefined) continue;
    shared &&= storageOf(call.cluster, from).shared;
    if (!isCdrom(drive)) call.need(`/storage/${storage ?? from}`, "Datastore.AllocateSpace");
  }
  const target = call.values["target"];
  if (target === undefined || target === call.node.name) return;
  if (!call.cluster.nodes.has(target)) fail(`no such cluster node '${target}'`);
  if (storage !== undefined && !storageOf(call.cluster, storage).shared)
    fail(`can't clone to non-shared storage '${storage}'`);
  if (!shared) fail(`can't clone VM to node '${target}' (VM uses local storage)`);
}

function planDrives(
  call: Call,
  source: Vm,
  config: Readonly<VmConfig>,
  full: boolean,
  snapname?: string,
): ClonePlan {
  const kept: VmConfig = {};
  const drives: { name: string; drive: Drive; full: boolean }[] = [];
  for (const [name, value] of Object.entries(config).sort()) {
    if (NOT_CLONED.test(name)) continue;
    const drive = isDriveName(name) ? storedDrive(call.cluster, name, value) : undefined;
    if (drive === undefined || drive.file === "none" || (isCdrom(drive) && !isCloudinit(drive))) {
      kept[name] = value;
      continue;
    }
    if (name === "tpmstate0" && full && source.isRunning && snapname === undefined)
      fail("cannot clone TPM state while VM is running");
    const copies = full || isCloudinit(drive) || name === "tpmstate0";
    const { storage, volume } = volumeOf(call.cluster, call.node.name, drive.file);
    if (!storage.hasFeature(copies ? "copy" : "clone", volume, snapname !== undefined)) {
      const what = `${snapname === undefined ? "" : " a snapshot of"} '${drive.file}' (${name})`;
      fail(`${copies ? "Full" : "Linked"} clone feature is not supported for${what}`);
    }
    drives.push({ name, drive, full: copies });
  }
  return { config: kept, drives };
}
