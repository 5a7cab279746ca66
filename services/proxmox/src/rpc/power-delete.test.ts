import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { pveVersions } from "@virtrigaud/fakes";
import { status } from "@virtrigaud/kit";
import {
  Disk,
  GracefulTimeoutPolicy,
  NestedPolicy,
  OperationState,
  PowerAction,
  PowerState,
  RestartPolicy,
} from "@virtrigaud/proto";
import { create, done, power, read, remove, smallSpec, startLab } from "../testing/lab.ts";

const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
const graceful = { gracefulTimeoutSeconds: 1 };

describe.each(pveVersions)("on Proxmox VE %s", (version) => {
  test("on, reset, reboot, suspend, resume and off; already there is a success", async () => {
    const { connection, holdings } = await startLab({ version });
    const before = holdings();
    const uid = randomUUID();
    await create(connection, smallSpec(), uid);
    const seen: PowerState[] = [];
    for (const action of [
      ...[PowerAction.OFF, PowerAction.ON, PowerAction.ON, PowerAction.RESET],
      ...[PowerAction.SUSPEND, PowerAction.SUSPEND, PowerAction.ON, PowerAction.SUSPEND],
      ...[PowerAction.OFF, PowerAction.ON, PowerAction.GRACEFUL_OFF, PowerAction.GRACEFUL_OFF],
    ]) {
      await power(connection, uid, action, graceful);
      seen.push((await read(connection, uid)).powerState);
    }
    const { ON, OFF, SUSPENDED } = PowerState;
    expect(seen).toEqual([OFF, ON, ON, ON, SUSPENDED, SUSPENDED, ON, SUSPENDED, OFF, ON, OFF, OFF]);
    await remove(connection, uid);
    expect(holdings()).toEqual(before);
  });
});

test("what was read while the power changed is not believed afterwards", async () => {
  const { connection } = await startLab({ taskMs: 50 });
  const uid = randomUUID();
  await create(connection, smallSpec(), uid);
  await power(connection, uid, PowerAction.ON);
  for (const action of [PowerAction.SUSPEND, PowerAction.OFF]) {
    const changing = power(connection, uid, action);
    await read(connection, uid);
    await changing;
    await power(connection, uid, PowerAction.ON);
    expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
  }
});

test("a VM that someone paused goes on", async () => {
  const { connection, simulator } = await startLab();
  const uid = randomUUID();
  const { id } = await create(connection, smallSpec(), uid);
  await power(connection, uid, PowerAction.ON);
  const process = simulator.cluster.vms.get(Number(id))?.process;
  if (process !== undefined) process.status = "paused";
  expect((await read(connection, uid)).powerState).toBe(PowerState.PAUSED);
  await power(connection, uid, PowerAction.ON);
  expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
});

test("one that was started by someone else meanwhile is there already", async () => {
  const { connection, simulator } = await startLab({ taskMs: 30, secondMs: 50 });
  const uid = randomUUID();
  await create(connection, smallSpec(), uid);
  const request = { uid, action: PowerAction.ON, gracefulTimeoutSeconds: 0, overrideNestedGuard: false };
  const onGracefulTimeout = GracefulTimeoutPolicy.UNSPECIFIED;
  const both = await Promise.all([
    connection.setPower({ ...request, onGracefulTimeout }),
    power(connection, uid, PowerAction.ON),
  ]);
  expect(both[1].state).toBe(OperationState.SUCCEEDED);
  expect(simulator.requests.filter(({ path }) => path.endsWith("/status/start")).length).toBeGreaterThan(0);
});

test("what needs a running VM is refused by name, and a nested one's memory is guarded", async () => {
  const { connection } = await startLab();
  const uid = randomUUID();
  await create(connection, smallSpec(nested), uid);
  for (const action of [PowerAction.RESET, PowerAction.REBOOT, PowerAction.SUSPEND])
    await expect(power(connection, uid, action, { overrideNestedGuard: true })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: "VM_NOT_RUNNING",
    });
  await power(connection, uid, PowerAction.ON);
  await expect(power(connection, uid, PowerAction.SUSPEND)).rejects.toMatchObject({
    reason: "NESTED_GUEST_GUARD",
  });
  await power(connection, uid, PowerAction.SUSPEND, { overrideNestedGuard: true });
  expect((await read(connection, uid)).powerState).toBe(PowerState.SUSPENDED);
});

test("a guest that does not shut down keeps running, or is cut off, as the policy says; another daemon answers for it", async () => {
  const { connection, another } = await startLab({ guest: () => ({ shutsDown: false }) });
  const uid = randomUUID();
  await create(connection, smallSpec(), uid);
  await power(connection, uid, PowerAction.ON);
  const late = { code: status.DEADLINE_EXCEEDED, reason: "GRACEFUL_TIMEOUT" };
  await expect(power(connection, uid, PowerAction.GRACEFUL_OFF, graceful)).rejects.toMatchObject(late);
  expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
  const { operation } = await connection.setPower({
    uid,
    action: PowerAction.GRACEFUL_OFF,
    ...graceful,
    onGracefulTimeout: GracefulTimeoutPolicy.POWER_OFF,
    overrideNestedGuard: false,
  });
  const next = (await another()).connection;
  let state = operation?.state;
  while (state === OperationState.RUNNING)
    state = (await next.getOperation({ name: operation?.name ?? "" })).operation?.state;
  expect(state).toBe(OperationState.SUCCEEDED);
  expect((await read(next, uid)).powerState).toBe(PowerState.OFF);
});

describe("starts", () => {
  const started = async (onTask: Parameters<typeof startLab>[0], spec = smallSpec(nested)) => {
    const lab = await startLab(onTask);
    const uid = randomUUID();
    await create(lab.connection, spec, uid);
    return { ...lab, uid };
  };
  const ignoring = "ignoring 'nested-virt' CPU flag - unable to resolve from host CPU flags";
  const warning = (message: string): Parameters<typeof startLab>[0] => ({
    onTask: ({ type }) => (type === "qmstart" ? { warnings: [message] } : undefined),
  });

  test("without the nesting that is required fail, and the VM is off again", async () => {
    const { connection, uid } = await started(warning(ignoring));
    await expect(power(connection, uid, PowerAction.ON)).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: "NESTED_UNSUPPORTED",
      message: expect.stringContaining("powered off again"),
    });
    expect((await read(connection, uid)).powerState).toBe(PowerState.OFF);
  });

  test("the same warning is none where nesting was not asked for", async () => {
    const { connection, uid } = await started(warning(ignoring), smallSpec());
    await power(connection, uid, PowerAction.ON);
    expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
  });

  test("an old operation does not stop what runs since", async () => {
    let isFirst = true;
    const { connection, uid, simulator } = await started({
      onTask: ({ type }) => {
        if (type !== "qmstart" || !isFirst) return undefined;
        isFirst = false;
        return { warnings: [ignoring] };
      },
    });
    const { operation } = await connection.setPower({
      uid,
      action: PowerAction.ON,
      gracefulTimeoutSeconds: 0,
      onGracefulTimeout: GracefulTimeoutPolicy.UNSPECIFIED,
      overrideNestedGuard: false,
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Someone switches it off and on by hand.
    await power(connection, uid, PowerAction.OFF);
    await power(connection, uid, PowerAction.ON);
    const late = await connection.getOperation({ name: operation?.name ?? "" });
    expect(late.operation).toMatchObject({
      state: OperationState.FAILED,
      error: { reason: "NESTED_UNSUPPORTED" },
    });
    expect(simulator.cluster.vms.get(100)?.isRunning).toBe(true);
  });

  test("with other warnings succeed and say them", async () => {
    const { connection, uid } = await started(warning("look out"));
    const { description } = await power(connection, uid, PowerAction.ON);
    expect(description).toBe("power on; Proxmox VE warned: look out");
  });

  test("that fail leave the VM reported, and off", async () => {
    const { connection, uid, holdings } = await started({
      onTask: ({ type }) =>
        type === "qmstart" ? { fail: "start failed: QEMU exited with code 1" } : undefined,
    });
    const before = holdings();
    await expect(power(connection, uid, PowerAction.ON)).rejects.toMatchObject({
      reason: "HYPERVISOR_FAULT",
    });
    expect((await read(connection, uid)).powerState).toBe(PowerState.OFF);
    expect(holdings()).toEqual(before);
  });
});

test("a lock file that another call holds is waited for; a VM that is locked for a backup is ABORTED", async () => {
  let refusals = 3;
  const reason = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
  const { connection, simulator } = await startLab({
    onRequest: ({ method }) =>
      method === "PUT" && refusals-- > 0 ? { kind: "status", status: 500, reason } : undefined,
  });
  const uid = randomUUID();
  const { id } = await create(connection, smallSpec(), uid);
  const config = simulator.cluster.vms.get(Number(id))?.config ?? {};
  config["lock"] = "backup";
  const busy = { code: status.ABORTED, reason: "BUSY" };
  const { operation } = await connection.deleteVm({ uid, retainDisks: false });
  await expect(done(connection, operation)).rejects.toMatchObject(busy);
  refusals = 0;
  await expect(remove(connection, uid, true)).rejects.toMatchObject(busy);
  delete config["lock"];
  refusals = 3;
  await remove(connection, uid, true);
  expect(simulator.cluster.vms.get(Number(id))?.config["name"]).toBe(`retained-disks-${id}`);
});

test("a protected VM stays, with its seed", async () => {
  const { connection, simulator, holdings } = await startLab();
  const uid = randomUUID();
  const cloudInit = { userData: "#cloud-config\n", metaData: {} };
  const { id } = await create(connection, smallSpec({ cloudInit }), uid);
  const config = simulator.cluster.vms.get(Number(id))?.config ?? {};
  config["protection"] = "1";
  const before = holdings();
  await expect(remove(connection, uid)).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "VM_PROTECTED",
  });
  expect(holdings()).toEqual(before);
  delete config["protection"];
  await remove(connection, uid);
  expect(holdings()).toEqual({ vms: [], volumes: [] });
});

test("a seed that was left without its VM is removed by a daemon that knows nothing of it", async () => {
  const { connection, another, holdings } = await startLab();
  const uid = randomUUID();
  const cloudInit = { userData: "#cloud-config\n", metaData: {} };
  await connection.createVm({ uid, spec: smallSpec({ cloudInit }), controllerId: "test" });
  while (holdings().volumes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await remove((await another()).connection, uid);
  expect(holdings()).toEqual({ vms: [], volumes: [] });
});

test("disks that shall stay do so with a VM that is nobody's", async () => {
  const { connection, holdings, simulator } = await startLab();
  const [uid, spec] = [
    randomUUID(),
    smallSpec({
      disks: ["root", "data"].map((name) => Disk.fromPartial({ name, sizeBytes: 1024 ** 3 })),
      cloudInit: { userData: "#cloud-config\n", metaData: {} },
    }),
  ];
  await create(connection, spec, uid);
  await power(connection, uid, PowerAction.ON);
  await remove(connection, uid, true);
  expect(holdings()).toEqual({
    vms: ["100 retained-disks-100"],
    volumes: ["pve1 local-lvm:vm-100-disk-0", "pve1 local-lvm:vm-100-disk-1"],
  });
  const { config } = simulator.cluster.vms.get(100) ?? { config: {} };
  expect(JSON.stringify(config)).not.toContain(uid);
  await expect(read(connection, uid)).rejects.toMatchObject({ reason: "VM_NOT_FOUND" });
  await remove(connection, uid, true);
  expect(await create(connection, spec, uid)).toMatchObject({ id: "101" });
});

test("adopts, finds by its owner, and releases instead of deleting", async () => {
  const { connection, simulator, holdings } = await startLab();
  const foreign = { name: "legacy", memory: "512", tags: "prod;web", description: "by hand" };
  simulator.cluster.addVm(500, "pve1", { ...foreign });
  const uid = randomUUID();
  const { vm } = await connection.adoptVm({ id: "500", uid, controllerId: "test" });
  expect(vm).toMatchObject({ id: "500", name: "legacy", owner: { uid, controllerId: "test" } });
  expect((await connection.adoptVm({ id: "500", uid, controllerId: "test" })).vm).toEqual(vm);
  const another = { id: "500", uid: randomUUID(), controllerId: "test" };
  await expect(connection.adoptVm(another)).rejects.toMatchObject({ reason: "OWNED_BY_ANOTHER" });
  await expect(connection.adoptVm({ ...another, id: "501" })).rejects.toMatchObject({
    reason: "VM_NOT_FOUND",
  });
  await power(connection, uid, PowerAction.ON);
  await expect(
    connection.reconfigureVm({ uid, spec: smallSpec(), restartPolicy: RestartPolicy.NEVER }),
  ).rejects.toMatchObject({ reason: "VM_ADOPTED" });
  const before = holdings();
  await remove(connection, uid);
  expect(holdings()).toEqual(before);
  expect(simulator.cluster.vms.get(500)?.config).toEqual(foreign);
  expect(simulator.cluster.vms.get(500)?.isRunning).toBe(true);
});
