import { randomUUID } from "node:crypto";
import type { Call } from "../api/call.ts";
import { ApiError, fail } from "../api/error.ts";
import type { VmConfig } from "../model/config.ts";
import type { Worker } from "../model/tasks.ts";
import { createDisks } from "./create-disks.ts";
import { drivesOf, isCdrom } from "./drive.ts";
import { checkMachine, pinnedMachine } from "./machine.ts";
import { uniqueTags } from "./tags.ts";

/** Does the work of a qmcreate task whose VM is there already, locked and empty. Removes it when that fails. */
export async function createVm(
  call: Call,
  vmid: number,
  options: Record<string, string>,
  worker: Worker,
): Promise<void> {
  const { cluster } = call;
  try {
    await cluster.locks.hold(vmid, 1, async () => {
      await worker.step();
      const vm = cluster.vms.get(vmid) ?? fail(`VM ${vmid} vanished`);
      vm.config = newConfig(call, vmid, options, worker);
    });
  } catch (error) {
    cluster.vms.delete(vmid);
    if (error instanceof ApiError) fail(`unable to create VM ${vmid} - ${error.inTask}`);
    throw error;
  }
}

function newConfig(call: Call, vmid: number, options: Record<string, string>, worker: Worker): VmConfig {
  const { major, qemu } = call.cluster.release;
  const machine = pinnedMachine(options["machine"], options["ostype"], qemu);
  // 8 and later look at the machine on create, the others only on start.
  if (major >= 8) checkMachine(machine);
  const disks = createDisks({
    call,
    vmid,
    options,
    isTemplate: options["template"] === "1",
    defaultStorage: call.values["storage"],
    worker,
  });
  const config: VmConfig = { ...options, ...disks };
  if (machine !== undefined) config["machine"] = machine;
  config["boot"] ??= defaultBoot(call, config);
  config["smbios1"] ??= `uuid=${randomUUID()}`;
  if ((config["vmgenid"] ?? "1") === "1") config["vmgenid"] = randomUUID();
  if (major >= 7) config["meta"] = `creation-qemu=${qemu},ctime=${Math.floor(Date.now() / 1000)}`;
  if (config["tags"] !== undefined) config["tags"] = uniqueTags(config["tags"], major);
  if (config["description"] !== undefined) config["description"] = config["description"].trimEnd();
  return config;
}

/** The first disk, the first CD, the first network card. */
function defaultBoot(call: Call, config: Readonly<VmConfig>): string {
  const drives = drivesOf(call.cluster, config).filter(([name]) => !/^(efidisk|tpmstate)/.test(name));
  const disk = drives.find(([, drive]) => !isCdrom(drive))?.[0];
  const cd = drives.find(([, drive]) => isCdrom(drive))?.[0];
  const net = Object.keys(config)
    .filter((name) => /^net\d+$/.test(name))
    .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))[0];
  return `order=${[disk, cd, net].filter((name) => name !== undefined).join(";")}`;
}
