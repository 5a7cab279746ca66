import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { pveVersions } from "@virtrigaud/fakes";
import { status } from "@virtrigaud/kit";
import { type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import {
  CloneMode,
  CloneVMRequest,
  CreateSnapshotRequest,
  NestedPolicy,
  NetworkInterface,
  PowerAction,
  PowerState,
  type Snapshot,
  type VM,
} from "@virtrigaud/proto";
import { create, done, power, read, remove, smallSpec, startLab } from "../testing/lab.ts";

type Taken = Partial<CreateSnapshotRequest>;

async function take(connection: ProviderConnection, uid: string, name: string, more: Taken = {}) {
  const request = { ...CreateSnapshotRequest.fromPartial({ uid, name }), ...more };
  const { operation } = await connection.createSnapshot(request);
  const { result } = await done(connection, operation);
  return result?.value as Snapshot;
}

async function clone(
  connection: ProviderConnection,
  source: string,
  more: Partial<CloneVMRequest> = {},
): Promise<VM> {
  const reference = { $case: "uid" as const, value: source };
  const name = `copy-${randomUUID().slice(0, 8)}`;
  const request = {
    ...CloneVMRequest.fromPartial({ source: { reference }, uid: randomUUID(), name }),
    ...more,
  };
  const { vm } = await untilComplete(connection, (options) => connection.cloneVm(request, options));
  if (vm === undefined) throw new Error("COMPLETE without a VM");
  return vm;
}

describe.each(pveVersions)("on Proxmox VE %s", (version) => {
  test("snapshots are taken, listed, reverted to and removed", async () => {
    const { connection, holdings } = await startLab({ version });
    const before = holdings();
    const uid = randomUUID();
    const spec = smallSpec();
    await create(connection, spec, uid);
    const first = await take(connection, uid, "first", { description: "before the upgrade" });
    expect(first).toMatchObject({ id: "first", description: "before the upgrade", includesMemory: false });
    expect(await take(connection, uid, "first")).toEqual(first);
    await power(connection, uid, PowerAction.ON);
    const memory = await take(connection, uid, "memory", { includeMemory: true });
    expect(memory).toMatchObject({ parentId: "first", includesMemory: true, current: true });
    await expect(take(connection, uid, "memory")).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
      reason: "NAME_TAKEN",
    });

    const revert = async (snapshotId: string) => {
      await done(connection, (await connection.revertSnapshot({ uid, snapshotId })).operation);
      return (await read(connection, uid)).powerState;
    };
    expect(await revert("first")).toBe(PowerState.OFF);
    expect(await revert("memory")).toBe(PowerState.ON);
    const { snapshots } = await connection.listSnapshots({ uid });
    expect(snapshots.map(({ name, current }) => [name, current])).toEqual([
      ["first", false],
      ["memory", true],
    ]);
    for (const snapshotId of ["first", "memory", "memory"])
      await done(connection, (await connection.deleteSnapshot({ uid, snapshotId })).operation);
    expect((await connection.listSnapshots({ uid })).snapshots).toEqual([]);
    await remove(connection, uid);
    expect(holdings()).toEqual(before);
  });

  test("a full clone stands for itself, of a VM that is off or running", async () => {
    const { connection, holdings, simulator } = await startLab({ version });
    const before = holdings();
    const uid = randomUUID();
    const networkInterfaces = [NetworkInterface.fromPartial({ name: "front", proxmox: { bridge: "vmbr0" } })];
    const cloudInit = { userData: "#cloud-config\n", metaData: {} };
    await create(connection, smallSpec({ networkInterfaces, cloudInit, tags: ["prod"] }), uid);
    for (const runs of [false, true]) {
      if (runs) await power(connection, uid, PowerAction.ON);
      const source = await read(connection, uid);
      const copy = await clone(connection, uid, runs ? { cloudInit } : {});
      expect(copy).toMatchObject({ powerState: PowerState.OFF, spec: { tags: ["prod"] } });
      expect(copy.spec?.disks).toEqual(source.spec?.disks);
      const config = (id: string) => simulator.cluster.vms.get(Number(id))?.config ?? {};
      expect(config(copy.id)["smbios1"]).toContain(copy.owner?.uid);
      expect(config(copy.id)["net0"]).not.toBe(config(source.id)["net0"]);
      expect(config(copy.id)["ide2"] ?? "").toBe(
        runs ? `local:iso/vrtg-${copy.owner?.uid}-seed.iso,media=cdrom,size=54K` : "",
      );
      expect(copy.spec?.networkInterfaces).toMatchObject([{ name: "front" }]);
      expect((await read(connection, uid)).spec).toEqual(source.spec);
      await power(connection, copy.owner?.uid ?? "", PowerAction.ON);
      await remove(connection, copy.owner?.uid ?? "");
    }
    await remove(connection, uid);
    expect(holdings()).toEqual(before);
  });
});

test("memory is guarded while nesting is configured, and needs a running VM", async () => {
  const { connection } = await startLab();
  const uid = randomUUID();
  await create(connection, smallSpec({ nestedVirtualization: { policy: NestedPolicy.REQUIRED } }), uid);
  const memory = { includeMemory: true };
  await expect(take(connection, uid, "memory", memory)).rejects.toMatchObject({ reason: "VM_NOT_RUNNING" });
  await power(connection, uid, PowerAction.ON);
  await expect(take(connection, uid, "memory", memory)).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "NESTED_GUEST_GUARD",
  });
  const taken = await take(connection, uid, "memory", { ...memory, overrideNestedGuard: true });
  expect(taken.includesMemory).toBe(true);
});

test("a quiesced snapshot says so, and needs an agent that answers", async () => {
  let agent = true;
  const { connection } = await startLab({ guest: () => ({ agent }) });
  const uid = randomUUID();
  await create(connection, smallSpec(), uid);
  await power(connection, uid, PowerAction.ON);
  const taken = await take(connection, uid, "quiet", { quiesce: true, description: "d" });
  expect(taken).toMatchObject({ quiesced: true, description: "d" });
  expect(await take(connection, uid, "quiet", { quiesce: true })).toEqual(taken);
  await expect(take(connection, uid, "quiet")).rejects.toMatchObject({ reason: "NAME_TAKEN" });
  agent = false;
  await power(connection, uid, PowerAction.OFF);
  await power(connection, uid, PowerAction.ON);
  await expect(take(connection, uid, "loud", { quiesce: true })).rejects.toMatchObject({
    reason: "GUEST_AGENT_MISSING",
  });
  expect((await connection.listSnapshots({ uid })).snapshots.map(({ name }) => name)).toEqual(["quiet"]);
});

test.each(["first_1 ü", "x", "current", "1st", "a".repeat(41)])(
  "a snapshot cannot be called %j",
  async (name) => {
    const { connection } = await startLab();
    const uid = randomUUID();
    await create(connection, smallSpec(), uid);
    await expect(take(connection, uid, name)).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: "INVALID_NAME",
    });
  },
);

test("a snapshot from before the VM had its owner does not make it nobody's", async () => {
  const { connection, simulator, another } = await startLab();
  const uid = randomUUID();
  const { id } = await create(connection, smallSpec(), uid);
  const vm = simulator.cluster.vms.get(Number(id));
  const tags = vm?.config["tags"] ?? "";
  delete vm?.config["tags"];
  await take(connection, uid, "early");
  if (vm !== undefined) vm.config["tags"] = tags;
  await done(connection, (await connection.revertSnapshot({ uid, snapshotId: "early" })).operation);
  expect(await read((await another()).connection, uid)).toMatchObject({ id, owner: { uid } });
});

test("a storage without snapshots, and what is not there", async () => {
  const { connection } = await startLab({
    storages: [
      { id: "local", type: "dir", content: ["iso"] },
      { id: "local-lvm", type: "lvm" },
    ],
  });
  const uid = randomUUID();
  await expect(take(connection, uid, "s1")).rejects.toMatchObject({ reason: "VM_NOT_FOUND" });
  await create(connection, smallSpec(), uid);
  await expect(take(connection, uid, "s1")).rejects.toMatchObject({ reason: "SNAPSHOT_UNSUPPORTED" });
  await expect(connection.revertSnapshot({ uid, snapshotId: "s1" })).rejects.toMatchObject({
    code: status.NOT_FOUND,
    reason: "SNAPSHOT_NOT_FOUND",
  });
  await done(connection, (await connection.deleteSnapshot({ uid, snapshotId: "s1" })).operation);
});

test("clones: a name that is taken, a source that is not, a mode that the storage does not have", async () => {
  const { connection, holdings } = await startLab();
  const [uid, spec] = [randomUUID(), smallSpec()];
  await create(connection, spec, uid);
  const before = holdings();
  await expect(clone(connection, uid, { name: spec.name })).rejects.toMatchObject({ reason: "NAME_TAKEN" });
  await expect(clone(connection, randomUUID())).rejects.toMatchObject({ reason: "VM_NOT_FOUND" });
  await expect(clone(connection, uid, { snapshotId: "s1" })).rejects.toMatchObject({
    reason: "SNAPSHOT_NOT_FOUND",
  });
  await expect(clone(connection, uid, { mode: CloneMode.LINKED })).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "CLONE_UNSUPPORTED",
  });
  expect(holdings()).toEqual(before);
});

test("a clone that another daemon began is completed, though its source is gone", async () => {
  const { connection, another, holdings } = await startLab();
  const [uid, copyUid] = [randomUUID(), randomUUID()];
  await create(connection, smallSpec(), uid);
  const reference = { $case: "uid" as const, value: uid };
  const request = CloneVMRequest.fromPartial({ source: { reference }, uid: copyUid, name: "copy" });
  await done(connection, (await connection.cloneVm(request)).operation);
  await remove(connection, uid);
  const next = (await another()).connection;
  const { vm } = await untilComplete(next, (options) => next.cloneVm(request, options));
  expect(vm).toMatchObject({ name: "copy", owner: { uid: copyUid } });
  expect(holdings().vms).toEqual([`${vm?.id} copy`]);
});
