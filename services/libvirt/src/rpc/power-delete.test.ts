import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { waitForOperation } from "@virtrigaud/kit/client";
import {
  Disk,
  GracefulTimeoutPolicy,
  NestedPolicy,
  OperationState,
  PowerAction,
  PowerState,
} from "@virtrigaud/proto";
import { create, describeOnLibvirt, power, read, remove, smallSpec } from "../testing/lab.ts";

const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

await describeOnLibvirt("SetPower and DeleteVM", (lab) => {
  const state = async (uid: string) => (await read(lab().connection, uid)).powerState;

  test("on, reset, suspend, resume and off; already there is a success", async () => {
    const { connection, virsh } = lab();
    const uid = randomUUID();
    const spec = smallSpec();
    await create(connection, spec, uid);
    const seen: PowerState[] = [];
    for (const action of [
      ...[PowerAction.OFF, PowerAction.ON, PowerAction.ON, PowerAction.RESET],
      ...[PowerAction.SUSPEND, PowerAction.SUSPEND, PowerAction.ON, PowerAction.OFF],
    ]) {
      await power(connection, uid, action);
      seen.push(await state(uid));
    }
    const { ON, OFF, SUSPENDED } = PowerState;
    expect(seen).toEqual([OFF, ON, ON, ON, SUSPENDED, SUSPENDED, ON, OFF]);
    await power(connection, uid, PowerAction.ON);
    await virsh("suspend", spec.name);
    expect(await state(uid)).toBe(PowerState.PAUSED);
    await power(connection, uid, PowerAction.ON);
    expect(await state(uid)).toBe(ON);
    await power(connection, uid, PowerAction.SUSPEND);
    await power(connection, uid, PowerAction.OFF);
    expect(await state(uid)).toBe(OFF);
    await remove(connection, uid);
  });

  test("what needs a running VM is refused by name, and a nested one's memory is guarded", async () => {
    const { connection } = lab();
    const uid = randomUUID();
    await create(connection, smallSpec(nested), uid);
    for (const action of [PowerAction.RESET, PowerAction.REBOOT, PowerAction.SUSPEND])
      await expect(power(connection, uid, action)).rejects.toMatchObject({ reason: "VM_NOT_RUNNING" });
    await power(connection, uid, PowerAction.ON);
    await expect(power(connection, uid, PowerAction.SUSPEND)).rejects.toMatchObject({
      reason: "NESTED_GUEST_GUARD",
    });
    await power(connection, uid, PowerAction.SUSPEND, { overrideNestedGuard: true });
    expect(await state(uid)).toBe(PowerState.SUSPENDED);
    await remove(connection, uid);
  });

  test("a guest that does not shut down keeps running, or is cut off, as the policy says; another daemon answers for it", async () => {
    const { connection, provider } = lab();
    const uid = randomUUID();
    await create(connection, smallSpec(), uid);
    await power(connection, uid, PowerAction.ON);
    const graceful = { gracefulTimeoutSeconds: 1 };
    await expect(power(connection, uid, PowerAction.GRACEFUL_OFF, graceful)).rejects.toMatchObject({
      reason: "GRACEFUL_TIMEOUT",
    });
    expect(await state(uid)).toBe(PowerState.ON);
    const onGracefulTimeout = GracefulTimeoutPolicy.POWER_OFF;
    await power(connection, uid, PowerAction.GRACEFUL_OFF, { ...graceful, onGracefulTimeout });
    expect(await state(uid)).toBe(PowerState.OFF);
    const again = await power(connection, uid, PowerAction.GRACEFUL_OFF, graceful);
    expect(again.state).toBe(OperationState.SUCCEEDED);
    expect(provider.host.jobs.owns(again.name)).toBe(false);
    await remove(connection, uid);
  });

  test("nobody's and nothing's VM", async () => {
    const { connection, virsh, holdings } = lab();
    const uid = randomUUID();
    await expect(power(connection, uid, PowerAction.ON)).rejects.toMatchObject({ reason: "VM_NOT_FOUND" });
    await remove(connection, uid);
    const owner = randomUUID();
    const spec = smallSpec();
    await create(connection, spec, owner);
    await virsh("metadata", spec.name, "--remove", "--config", "--uri", "https://virtrigaud.io/libvirt/1");
    const before = await holdings();
    // A marker that was read a moment ago may still be believed for power, never for deletion.
    await expect(remove(connection, owner)).rejects.toMatchObject({ reason: "OWNED_BY_ANOTHER" });
    expect(await holdings()).toEqual(before);
  });

  test("deletes a running UEFI VM with its variables, TPM, seed and snapshots, and keeps disks where asked", async () => {
    const { connection, holdings, virsh } = lab();
    const before = await holdings();
    const [uid, spec] = [randomUUID(), smallSpec({ secureBoot: true })];
    await create(connection, spec, uid);
    await power(connection, uid, PowerAction.ON);
    await virsh("destroy", spec.name);
    await power(connection, uid, PowerAction.ON);
    await remove(connection, uid);
    expect(await holdings()).toEqual(before);

    const kept = randomUUID();
    const disks = [Disk.fromPartial({ name: "data.1", sizeBytes: 1024 ** 2 })];
    const cloudInit = { userData: "#cloud-config\n", metaData: {} };
    await create(connection, smallSpec({ disks, cloudInit }), kept);
    await remove(connection, kept, true);
    const volumes = [...before.volumes, `${kept}-data_2e1.qcow2`].sort();
    expect(await holdings()).toEqual({ ...before, volumes });
    await remove(connection, kept);
    expect(await holdings()).toEqual(before);
  });

  test("a disk in a pool that is stopped is not forgotten", async () => {
    const { connection, virsh, libvirtd } = lab();
    const target = `${libvirtd.pool}-second`;
    await virsh("pool-create-as", "second", "dir", "--target", target, "--build");
    // What was read within half a second is not read again.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const uid = randomUUID();
    const spec = smallSpec({
      disks: [Disk.fromPartial({ name: "root", sizeBytes: 1024 ** 2, storageClass: "second" })],
    });
    await create(connection, spec, uid);
    await virsh("pool-destroy", "second");
    lab().provider.host.refresh();
    await expect(remove(connection, uid)).rejects.toMatchObject({ reason: "STORAGE_UNREACHABLE" });
    await virsh("pool-create-as", "second", "dir", "--target", target);
    await new Promise((resolve) => setTimeout(resolve, 600));
    lab().provider.host.refresh();
    await remove(connection, uid);
    expect(await virsh("vol-list", "second")).not.toContain(uid);
  });

  test("a disk that QEMU made and libvirt's pool has not seen is not forgotten either", async () => {
    const { connection, holdings, virsh } = lab();
    const before = await holdings();
    const [uid, spec] = [randomUUID(), smallSpec()];
    await create(connection, spec, uid);
    await virsh("snapshot-create-as", spec.name, "one", "--disk-only");
    await remove(connection, uid);
    await virsh("pool-refresh", "default");
    expect(await holdings()).toEqual(before);
  });

  test("adopts, finds by its owner, and releases instead of deleting", async () => {
    const { connection, virsh, holdings } = lab();
    const made = randomUUID();
    const spec = smallSpec();
    await create(connection, spec, made);
    await virsh("metadata", spec.name, "--remove", "--config", "--uri", "https://virtrigaud.io/libvirt/1");
    const uid = randomUUID();
    const { vm } = await connection.adoptVm({ id: made, uid, controllerId: "test" });
    expect(vm).toMatchObject({ id: made, owner: { uid, controllerId: "test" } });
    const again = await connection.adoptVm({ id: made, uid, controllerId: "test" });
    expect(again.vm).toEqual(vm);
    await expect(
      connection.adoptVm({ id: made, uid: randomUUID(), controllerId: "test" }),
    ).rejects.toMatchObject({ reason: "OWNED_BY_ANOTHER" });
    await expect(connection.adoptVm({ id: randomUUID(), uid, controllerId: "test" })).rejects.toMatchObject({
      reason: "VM_NOT_FOUND",
    });
    await power(connection, uid, PowerAction.ON);
    expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
    const before = await holdings();
    await remove(connection, uid);
    expect(await holdings()).toEqual(before);
    expect(await virsh("domstate", spec.name)).toBe("running");
    await expect(read(connection, uid)).rejects.toMatchObject({ reason: "VM_NOT_FOUND" });
    await virsh("destroy", spec.name);
  });

  test("an operation of the daemon before is INTERRUPTED", async () => {
    const { connection, libvirtd } = lab();
    const { startProvider } = await import("../testing/provider.ts");
    const other = await startProvider(libvirtd.uri);
    const started = other.host.jobs.start({ key: "k", description: "d", run: async () => undefined });
    await expect(
      waitForOperation(connection, { ...started, state: OperationState.RUNNING }),
    ).rejects.toMatchObject({
      reason: "INTERRUPTED",
    });
    await other.stop();
  });
});
