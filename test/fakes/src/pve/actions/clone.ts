import { randomUUID } from "node:crypto";
import type { Call } from "../api/call.ts";
import { ApiError, fail } from "../api/error.ts";
import type { VmConfig } from "../model/config.ts";
import type { Volume } from "../model/storage.ts";
import type { Worker } from "../model/tasks.ts";
import type { Vm } from "../model/vm.ts";
import { formatSize } from "../schema/print.ts";
import { printCopy } from "./create-disks.ts";
import { type Drive, type Found, isCloudinit, printDrive, storageOn, volumeOf } from "./drive.ts";
import { loadVm } from "./find.ts";
import { withMacs } from "./macs.ts";
import { planClone } from "./plan-clone.ts";

/** Makes the clone. Frees all that it made when something fails. */
export async function runClone(call: Call, worker: Worker): Promise<void> {
  const { cluster } = call;
  const plan = planClone(call);
  const newid = Number(call.text("newid"));
  const source = loadVm(call);
  worker.print(`creating a clone of VM ${source.vmid} with ID ${newid}`);
  const vm = cluster.addVm(newid, call.node.name, { lock: "clone" }, Date.now());
  const made: Found[] = [];
  try {
    const config = identity(call, source, plan.config);
    for (const { name, drive, full } of plan.drives)
      config[name] = cloneDrive({ call, newid, name, drive, full, made, worker });
    await worker.step();
    vm.config = config;
    vm.node = call.values["target"] ?? call.node.name;
  } catch (error) {
    for (const { storage, volume } of made) storage.free(call.node.name, volume);
    cluster.vms.delete(newid);
    if (error instanceof ApiError) fail(`clone failed: ${error.message.trimEnd()}`);
    throw error;
  }
}

function identity(call: Call, source: Vm, config: Readonly<VmConfig>): VmConfig {
  const smbios = (config["smbios1"] ?? "")
    .split(",")
    .filter((part) => part !== "" && !part.startsWith("uuid="));
  const description = call.values["description"];
  return {
    ...withMacs(call.cluster, config, true),
    smbios1: [...smbios, `uuid=${randomUUID()}`].join(","),
    ...(config["vmgenid"] === undefined ? {} : { vmgenid: randomUUID() }),
    name: call.values["name"] ?? `Copy-of-VM-${source.config["name"] ?? source.vmid}`,
    ...(description === undefined ? {} : { description }),
  };
}

interface DriveClone {
  readonly call: Call;
  readonly newid: number;
  readonly name: string;
  readonly drive: Drive;
  readonly full: boolean;
  readonly made: Found[];
  readonly worker: Worker;
}

function cloneDrive({ call, newid, name, drive, full, made, worker }: DriveClone): string {
  const from = volumeOf(call.cluster, call.node.name, drive.file);
  worker.print(`create ${full ? "full" : "linked"} clone of drive ${name} (${drive.file})`);
  const storage = full
    ? storageOn(call.cluster, call.values["storage"] ?? from.storage.id, call.node.name)
    : from.storage;
  const volume = full
    ? copyVolume({ call, newid, drive, from: from.volume, storage, worker })
    : storage.cloneLinked(call.node.name, from.volume, newid, worker.print);
  made.push({ storage, volume });
  const clone: Drive = { ...drive, file: `${storage.id}:${volume.name}` };
  if (!isCloudinit(drive)) clone["size"] = formatSize(volume.sizeBytes);
  return printDrive(clone);
}

interface VolumeCopy {
  readonly call: Call;
  readonly newid: number;
  readonly drive: Drive;
  readonly from: Volume;
  readonly storage: Found["storage"];
  readonly worker: Worker;
}

function copyVolume({ call, newid, drive, from, storage, worker }: VolumeCopy): Volume {
  const volume = storage.allocate(call.node.name, {
    vmid: newid,
    sizeBytes: from.sizeBytes,
    format: call.values["format"] ?? from.format,
    dataBytes: Math.min(from.usedBytes, from.sizeBytes),
    ...(isCloudinit(drive) ? { name: `vm-${newid}-cloudinit` } : {}),
    print: worker.print,
  });
  worker.print(`allocated target volume '${storage.id}:${volume.name}'`);
  if (!isCloudinit(drive)) printCopy(worker, from.sizeBytes);
  return volume;
}
