import { expect, test } from "@jest/globals";
import { untilComplete } from "@virtrigaud/kit/client";
import { CreateVMRequest, View } from "@virtrigaud/proto";
import { startProxmoxProvider } from "@virtrigaud/test-tools";
import { createRequest } from "../specs.ts";
import { startDocumented } from "./documented-cluster.ts";

test("a token that no longer sees VMs: none is taken for gone, and none is made again", async () => {
  const { pve, connection, privileges } = await startDocumented("9.2");
  const { uid, spec, controllerId } = createRequest("blank");
  const request: CreateVMRequest = { uid, controllerId, spec: spec && { ...spec, cloudInit: undefined } };
  await untilComplete(connection, (options) => connection.createVm(request, options));

  privileges["/vms"] = (privileges["/vms"] ?? []).filter((privilege) => privilege !== "VM.Audit");
  const storageClasses = { "fast-ssd": { storage: "local-lvm" } };
  const settings = { defaults: { storage: "local-lvm" }, storageClasses };
  const other = await startProxmoxProvider(pve, { settings });
  const reference = { reference: { $case: "uid" as const, value: uid } };
  const refused = { reason: "HYPERVISOR_PERMISSION", message: expect.stringContaining("VM.Audit on /vms") };
  try {
    for (const call of [
      other.connection.getVm({ vm: reference, view: View.FULL }),
      untilComplete(other.connection, (options) => other.connection.createVm(request, options)),
      untilComplete(other.connection, (options) =>
        other.connection.deleteVm({ uid, retainDisks: false }, options),
      ),
    ])
      await expect(call).rejects.toMatchObject(refused);
    expect(pve.cluster.sortedVms().filter(({ isTemplate }) => !isTemplate)).toHaveLength(1);
  } finally {
    await other.stop();
  }
}, 60_000);
