import { randomUUID } from "node:crypto";
import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import { CreateVMRequest, Firmware, PowerAction, SetPowerRequest } from "@virtrigaud/proto";
import { inParallel } from "../load.ts";

const gib = 1024 ** 3;

/** A request for a blank VM of ordinary size under a fresh uid and name. */
export function blankVm(): CreateVMRequest {
  const uid = randomUUID();
  return CreateVMRequest.fromPartial({
    uid,
    controllerId: "bench",
    spec: {
      name: `vm-${uid}`,
      cpus: 2,
      memoryBytes: 4 * gib,
      firmware: Firmware.UEFI,
      disks: [{ name: "root", sizeBytes: 20 * gib, storageClass: "fast-ssd" }],
    },
  });
}

/** Makes a blank VM and powers it on, waiting as every caller does. Answers its uid. */
export async function createPoweredOn(connection: ProviderConnection): Promise<string> {
  const request = blankVm();
  await untilComplete(connection, (options) => connection.createVm(request, options));
  const powerOn = SetPowerRequest.fromPartial({ uid: request.uid, action: PowerAction.ON });
  const { operation } = await connection.setPower(powerOn);
  if (operation === undefined) throw new Error("SetPower answered no operation");
  await waitForOperation(connection, operation);
  return request.uid;
}

/** Deletes VMs, so that what is measured next meets an empty vCenter: the simulator slows down with every VM. */
export async function deleteAll(connection: ProviderConnection, uids: readonly string[]): Promise<void> {
  await inParallel(uids.length, 16, async (index) => {
    const request = { uid: uids[index] ?? "", retainDisks: false };
    await untilComplete(connection, (options) => connection.deleteVm(request, options));
  });
}
