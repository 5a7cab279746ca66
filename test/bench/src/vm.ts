import { randomUUID } from "node:crypto";
import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import { CreateVMRequest, Firmware, PowerAction, SetPowerRequest, VMSpec } from "@virtrigaud/proto";
import { inParallel } from "./load.ts";

const gib = 1024 ** 3;

/** The storage class of blank VMs: a name that hypervisors either have or are told in their provider's settings. */
export const storageClass = "fast-ssd";

const blank = VMSpec.fromPartial({
  cpus: 2,
  memoryBytes: 4 * gib,
  firmware: Firmware.UEFI,
  disks: [{ name: "root", sizeBytes: 20 * gib, storageClass }],
});

/** A request for a VM under a fresh uid and name; without a spec, for a blank VM of ordinary size. */
export function newVm(spec: VMSpec = blank): CreateVMRequest {
  const uid = randomUUID();
  return CreateVMRequest.fromPartial({
    uid,
    controllerId: "bench",
    spec: { ...spec, name: `vm-${uid}` },
  });
}

/** Makes a VM and powers it on, waiting as every caller does. Answers its uid. */
export async function createPoweredOn(
  connection: ProviderConnection,
  request: CreateVMRequest = newVm(),
): Promise<string> {
  await untilComplete(connection, (options) => connection.createVm(request, options));
  const powerOn = SetPowerRequest.fromPartial({ uid: request.uid, action: PowerAction.ON });
  const { operation } = await connection.setPower(powerOn);
  if (operation === undefined) throw new Error("SetPower answered no operation");
  await waitForOperation(connection, operation);
  return request.uid;
}

/** Deletes VMs, so that what is measured next meets an empty hypervisor: simulators slow down with every VM. */
export async function deleteAll(connection: ProviderConnection, uids: readonly string[]): Promise<void> {
  await inParallel(uids.length, 16, async (index) => {
    const request = { uid: uids[index] ?? "", retainDisks: false };
    await untilComplete(connection, (options) => connection.deleteVm(request, options));
  });
}
