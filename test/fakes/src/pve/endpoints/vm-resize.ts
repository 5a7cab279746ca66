import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail } from "../api/error.ts";
import { on } from "../api/permission.ts";
import { isCdrom, printDrive, storedDrive, volumeOf } from "../actions/drive.ts";
import { loadVm, mustBeUnlocked, mustHaveDigest } from "../actions/find.ts";
import { rootOnly } from "../actions/root-only.ts";
import type { Worker } from "../model/tasks.ts";
import { atMajor } from "../schema/by-major.ts";
import { driveNames } from "../schema/drives.ts";
import { digest, skiplock, vmPath } from "../schema/parameters.ts";
import { formatSize, parseSize } from "../schema/print.ts";
import { choice, matching, required, type Schema } from "../schema/schema.ts";

/** Since 8 a task; before, done when it answers. */
async function resize(call: Call): Promise<string | null> {
  rootOnly(call, "skiplock");
  const { locks, release } = call.cluster;
  if (release.major < 8) {
    await locks.hold(call.vmid, 10, () => grow(call, { print: () => {} }));
    return null;
  }
  return call.fork("resize", call.vmid, (worker) =>
    locks.hold(call.vmid, 10, async () => {
      await worker.step();
      grow(call, worker);
    }),
  );
}

function grow(call: Call, worker: Pick<Worker, "print">): void {
  const name = call.text("disk");
  const vm = loadVm(call);
  mustHaveDigest(vm, call.values["digest"]);
  if (!call.flag("skiplock")) mustBeUnlocked(vm);
  const value = vm.config[name] ?? fail(`disk '${name}' does not exist`);
  const drive = storedDrive(call.cluster, name, value);
  if (isCdrom(drive)) fail("you can't resize a cdrom");
  const { storage, volume } = volumeOf(call.cluster, vm.node, drive.file);
  call.need(`/storage/${storage.id}`, "Datastore.AllocateSpace");
  const text = call.text("size");
  const asked = parseSize(text.replace(/^\+/, "")) ?? 0;
  const wanted = text.startsWith("+") ? volume.sizeBytes + asked : asked;
  if (wanted < volume.sizeBytes) fail("shrinking disks is not supported");
  if (wanted === volume.sizeBytes) return;
  if (storage.type.thick && wanted - volume.sizeBytes > storage.availableBytes(vm.node))
    fail(`lvextend '${storage.path(volume.name)}' error:   Insufficient free space`);
  volume.sizeBytes = wanted;
  if (!vm.isRunning && storage.type.files) worker.print("Image resized.");
  vm.config[name] = printDrive({ ...drive, size: formatSize(wanted) });
}

export const vmResizeEndpoints: readonly Endpoint[] = [
  {
    method: "PUT",
    path: "/nodes/{node}/qemu/{vmid}/resize",
    permission: on("/vms/{vmid}", "VM.Config.Disk"),
    parameters: (major) => ({
      ...atMajor<Schema>({ ...vmPath, ...digest, ...skiplock }, major),
      disk: required(choice(...driveNames(major))),
      size: required(matching("\\+?\\d+(\\.\\d+)?[KMGT]?")),
    }),
    run: resize,
  },
];
