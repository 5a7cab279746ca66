import type { CallContext, UnaryHandler } from "@virtrigaud/kit";
import { type DeleteVMRequest, type DeleteVMResponse, EnsureState } from "@virtrigaud/proto";
import { isFault, providerError } from "../errors.ts";
import { asSent } from "../mapping/device.ts";
import type { FoundVm } from "../mapping/found-vm.ts";
import { disksOf } from "../mapping/scsi-slots.ts";
import { type TaskAction, taskActions } from "../operation-name.ts";
import { startTask } from "../task.ts";
import type { Vcenter } from "../vcenter.ts";
import type { ManagedObjectReference, VirtualDisk } from "../vim/types.ts";
import { requireOwner } from "../vms.ts";

type Task = Promise<ManagedObjectReference<"Task">>;

const complete: DeleteVMResponse = { state: EnsureState.COMPLETE, operation: undefined };

/** One step of the resumable ensure: power off, detach the disks that stay, destroy; COMPLETE when nothing is left. */
export const deleteVm =
  (vcenter: Vcenter): UnaryHandler<"deleteVm"> =>
  async (request, context) => {
    const { uid, retainDisks } = request;
    const found = await vcenter.vms.byUid(uid, context, retainDisks ? "full" : "basic");
    if (found === undefined) return complete;
    requireOwner(found, uid);
    try {
      return await step(vcenter, found, request, context);
    } catch (error) {
      if (!isFault(error, "ManagedObjectNotFound")) throw providerError(`deleting VM ${found.name}`, error);
      vcenter.vms.hints.forget(uid);
      return complete;
    }
  };

async function step(
  { client }: Vcenter,
  { ref, name, runtime, config }: FoundVm,
  { uid, retainDisks }: DeleteVMRequest,
  { signal, log }: CallContext,
): Promise<DeleteVMResponse> {
  const start = async (action: TaskAction, task: () => Task, description: string = taskActions[action]) => {
    const operation = { ...(await startTask(action, uid, task)), description };
    return { state: EnsureState.IN_PROGRESS, operation };
  };
  if (runtime.powerState !== "poweredOff")
    return start("power-off", () => client.call("PowerOffVM_Task", ref, {}, { signal }));

  const disks = retainDisks ? disksOf(config?.hardware.device ?? []) : [];
  if (disks.length === 0) return start("destroy", () => client.call("Destroy_Task", ref, {}, { signal }));

  const places = disks.map(placeOf);
  log.info({ vm: name, disks: places }, "the disks of a deleted VM stay");
  const deviceChange = disks.map((disk) => ({ operation: "remove" as const, device: asSent(disk) }));
  return start(
    "detach-disks",
    () => client.call("ReconfigVM_Task", ref, { spec: { deviceChange } }, { signal }),
    `${taskActions["detach-disks"]}: ${places.join(", ")}`,
  );
}

/** Where a disk is, for whoever looks for it later. */
const placeOf = ({ backing, key }: VirtualDisk): string =>
  backing !== undefined && "fileName" in backing ? backing.fileName : `disk ${key}`;
