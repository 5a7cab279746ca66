import type { UnaryHandler } from "@virtrigaud/kit";
import { type DeleteVMResponse, EnsureState } from "@virtrigaud/proto";
import { attempt } from "../errors.ts";
import { isDisk } from "../mapping/disks.ts";
import { startTask } from "../task.ts";
import type { Vcenter } from "../vcenter.ts";
import { requireOwner } from "../vms.ts";

/** One step of the resumable ensure: power off, detach the disks that stay, destroy; COMPLETE when nothing is left. */
export const deleteVm =
  (vcenter: Vcenter): UnaryHandler<"deleteVm"> =>
  async ({ uid, retainDisks }, { signal }): Promise<DeleteVMResponse> => {
    const { client } = vcenter;
    const found = await vcenter.vms.byUid(uid, { signal });
    if (found === undefined) return { state: EnsureState.COMPLETE, operation: undefined };
    requireOwner(found, uid);

    const disks = (found.config?.hardware.device ?? []).filter(isDisk);
    const step = async (
      ...[action, start]: [Parameters<typeof startTask>[0], Parameters<typeof startTask>[2]]
    ) => ({
      state: EnsureState.IN_PROGRESS,
      operation: await startTask(action, uid, () => attempt(`deleting VM ${found.name}`, start)),
    });
    if (found.runtime.powerState !== "poweredOff") {
      return step("power-off", () => client.call("PowerOffVM_Task", found.ref, {}, { signal }));
    }
    if (retainDisks && disks.length > 0) {
      const deviceChange = disks.map((device) => ({ operation: "remove" as const, device }));
      return step("detach-disks", () =>
        client.call("ReconfigVM_Task", found.ref, { spec: { deviceChange } }, { signal }),
      );
    }
    return step("destroy", () => client.call("Destroy_Task", found.ref, {}, { signal }));
  };
