import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import {
  CloneMode,
  CloneVMRequest,
  CreateSnapshotRequest,
  Firmware,
  NestedPolicy,
  PowerAction,
  PowerState,
  type Snapshot,
} from "@virtrigaud/proto";
import { create, describeOnLibvirt, done, power, read, remove, smallSpec } from "../testing/lab.ts";

async function take(
  connection: ProviderConnection,
  uid: string,
  name: string,
  more: Partial<CreateSnapshotRequest> = {},
): Promise<Snapshot> {
  const request = {
    ...CreateSnapshotRequest.fromPartial({ uid, name, description: "before the change" }),
    ...more,
  };
  const { operation } = await connection.createSnapshot(request);
  const { result } = await done(connection, operation);
  if (result?.$case !== "snapshot") throw new Error("no snapshot");
  return result.value;
}

async function clone(connection: ProviderConnection, source: string, more: Partial<CloneVMRequest>) {
  const reference = { reference: { $case: "uid" as const, value: source } };
  const request = { ...CloneVMRequest.fromPartial({ source: reference, uid: randomUUID() }), ...more };
  const { vm } = await untilComplete(connection, (options) => connection.cloneVm(request, options));
  if (vm === undefined) throw new Error("COMPLETE without a VM");
  return vm;
}

await describeOnLibvirt("snapshots and clones", (lab) => {
  test.each([
    ["off, BIOS", false, Firmware.BIOS],
    ["running, UEFI", true, Firmware.UEFI],
  ])(
    "of a VM that is %s: taken once per name, reverted to, removed, nothing stays",
    async (_, runs, firmware) => {
      const { connection, holdings, virsh } = lab();
      const before = await holdings();
      const [uid, spec] = [randomUUID(), smallSpec({ firmware })];
      await create(connection, spec, uid);
      const plain = await holdings();
      if (runs) await power(connection, uid, PowerAction.ON);
      const first = await take(connection, uid, "first_1 ü");
      expect(first).toMatchObject({
        name: "first_1 ü",
        description: "before the change",
        includesMemory: false,
        quiesced: false,
        parentId: "",
        current: true,
      });
      expect(await take(connection, uid, "first_1 ü")).toEqual(first);
      const second = await take(connection, uid, "second");
      const list = async () =>
        (await connection.listSnapshots({ uid })).snapshots.map(({ name, parentId, current }) => [
          name,
          parentId,
          current,
        ]);
      expect(await list()).toEqual([
        ["first_1 ü", "", false],
        ["second", first.id, true],
      ]);
      expect((await read(connection, uid)).spec?.disks).toMatchObject([
        { name: "root", sizeBytes: 64 * 1024 ** 2 },
      ]);

      await done(connection, (await connection.revertSnapshot({ uid, snapshotId: first.id })).operation);
      expect((await read(connection, uid)).powerState).toBe(PowerState.OFF);
      expect((await list()).map(([name, , current]) => [name, current])).toEqual([
        ["first_1 ü", true],
        ["second", false],
      ]);
      await power(connection, uid, PowerAction.ON);
      if (!runs) await power(connection, uid, PowerAction.OFF);
      expect(await take(connection, uid, "third")).toMatchObject({ parentId: first.id });

      for (const { id } of [second, first, second])
        await done(connection, (await connection.deleteSnapshot({ uid, snapshotId: id })).operation);
      expect((await list()).map(([name]) => name)).toEqual(["third"]);
      await power(connection, uid, PowerAction.OFF);
      await power(connection, uid, PowerAction.ON);
      expect(plain.domains).toContain(spec.name);
      await remove(connection, uid);
      expect(await holdings()).toEqual(before);
      expect(await virsh("list", "--all", "--name")).not.toContain(spec.name);
    },
  );

  test("a lone snapshot's files are merged back into one", async () => {
    const { connection, holdings } = lab();
    const uid = randomUUID();
    await create(connection, smallSpec(), uid);
    const plain = await holdings();
    await power(connection, uid, PowerAction.ON);
    const { id } = await take(connection, uid, "only");
    await done(connection, (await connection.deleteSnapshot({ uid, snapshotId: id })).operation);
    expect(await holdings()).toEqual(plain);
    await remove(connection, uid);
  });

  test("with memory: guarded while nested, needs a running VM, and goes on running where it was", async () => {
    const { connection, holdings } = lab();
    const before = await holdings();
    const uid = randomUUID();
    await create(connection, smallSpec({ nestedVirtualization: { policy: NestedPolicy.REQUIRED } }), uid);
    const memory = { includeMemory: true };
    await expect(take(connection, uid, "m", memory)).rejects.toMatchObject({ reason: "VM_NOT_RUNNING" });
    await power(connection, uid, PowerAction.ON);
    await expect(take(connection, uid, "m", memory)).rejects.toMatchObject({ reason: "NESTED_GUEST_GUARD" });
    const taken = await take(connection, uid, "m", { ...memory, overrideNestedGuard: true });
    expect(taken.includesMemory).toBe(true);
    await expect(take(connection, uid, "m")).rejects.toMatchObject({ reason: "NAME_TAKEN" });
    await power(connection, uid, PowerAction.OFF);
    await done(connection, (await connection.revertSnapshot({ uid, snapshotId: taken.id })).operation);
    expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
    await expect(take(connection, uid, "q", { quiesce: true })).rejects.toMatchObject({
      reason: "GUEST_AGENT_MISSING",
    });
    await remove(connection, uid);
    expect(await holdings()).toEqual(before);
  });

  test("what is not there", async () => {
    const { connection } = lab();
    const uid = randomUUID();
    await expect(take(connection, uid, "x")).rejects.toMatchObject({ reason: "VM_NOT_FOUND" });
    await create(connection, smallSpec(), uid);
    await expect(connection.revertSnapshot({ uid, snapshotId: "x" })).rejects.toMatchObject({
      reason: "SNAPSHOT_NOT_FOUND",
    });
    await done(connection, (await connection.deleteSnapshot({ uid, snapshotId: "x" })).operation);
    await remove(connection, uid);
  });

  test("a full clone stands for itself, of a VM that is off or running", async () => {
    const { connection, holdings, virsh } = lab();
    const before = await holdings();
    const [uid, spec] = [randomUUID(), smallSpec()];
    await create(connection, spec, uid);
    for (const runs of [false, true]) {
      if (runs) await power(connection, uid, PowerAction.ON);
      const source = await read(connection, uid);
      const copy = await clone(connection, uid, { name: `${spec.name}-${runs}` });
      expect(copy).toMatchObject({ name: `${spec.name}-${runs}`, powerState: PowerState.OFF });
      expect(copy.spec?.disks).toEqual(source.spec?.disks);
      expect(await virsh("vol-dumpxml", `${copy.id}-root.qcow2`, "default")).not.toContain("backingStore");
      expect((await read(connection, uid)).spec).toEqual(source.spec);
      expect((await connection.listSnapshots({ uid })).snapshots).toEqual([]);
      await power(connection, copy.id, PowerAction.ON);
      await remove(connection, copy.id);
    }
    await expect(clone(connection, uid, { name: spec.name })).rejects.toMatchObject({ reason: "NAME_TAKEN" });
    await expect(clone(connection, randomUUID(), { name: "x" })).rejects.toMatchObject({
      reason: "VM_NOT_FOUND",
    });
    await remove(connection, uid);
    expect(await holdings()).toEqual(before);
  });

  test("a linked clone is on top of its source, which stays as long as there is one", async () => {
    const { connection, holdings, virsh } = lab();
    const before = await holdings();
    const [uid, spec] = [randomUUID(), smallSpec()];
    await create(connection, spec, uid);
    const { id } = await take(connection, uid, "base");
    for (const snapshotId of ["", id]) {
      const name = `${spec.name}-${snapshotId === "" ? "now" : "then"}`;
      const copy = await clone(connection, uid, { name, snapshotId, mode: CloneMode.LINKED });
      expect(await virsh("vol-dumpxml", `${copy.id}-root.qcow2`, "default")).toContain(`${uid}-root`);
      await power(connection, copy.id, PowerAction.ON);
      await power(connection, uid, PowerAction.ON);
      await expect(remove(connection, uid)).rejects.toMatchObject({ reason: "CLONES_EXIST" });
      await expect(connection.deleteSnapshot({ uid, snapshotId: id })).rejects.toMatchObject({
        reason: "CLONES_EXIST",
      });
      await power(connection, uid, PowerAction.OFF);
      await remove(connection, copy.id);
    }
    await remove(connection, uid);
    expect(await holdings()).toEqual(before);
  });
});
