import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { pveVersions } from "@virtrigaud/fakes";
import { status } from "@virtrigaud/kit";
import { type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import {
  ChangeEffect,
  Disk,
  EnsureState,
  Feature,
  NestedPolicy,
  PowerAction,
  PowerState,
  RestartPolicy,
  Tristate,
  type VMSpec,
} from "@virtrigaud/proto";
import { create, patiently, power, read, smallSpec, startLab } from "../testing/lab.ts";

const GiB = 1024 ** 3;
const disk = (name: string, gib: number) => Disk.fromPartial({ name, sizeBytes: gib * GiB });

function reconfigure(
  connection: ProviderConnection,
  uid: string,
  spec: VMSpec,
  restartPolicy: RestartPolicy = RestartPolicy.NEVER,
) {
  return untilComplete(connection, (options) =>
    connection.reconfigureVm({ uid, spec, restartPolicy }, options),
  );
}

describe.each(pveVersions)("on Proxmox VE %s", (version) => {
  test("a VM that is off becomes what is asked, disks grown and added", async () => {
    const { connection, holdings } = await startLab({ version });
    const uid = randomUUID();
    const spec = smallSpec({ disks: [disk("root", 1)] });
    const made = await create(connection, spec, uid);
    const bigger = {
      ...spec,
      cpus: 2,
      memoryBytes: GiB,
      disks: [disk("root", 2), disk("data", 1)],
      tags: ["prod"],
    };
    const { vm } = await reconfigure(connection, uid, bigger);
    expect(vm).toMatchObject({
      id: made.id,
      spec: {
        cpus: 2,
        memoryBytes: GiB,
        disks: [{ sizeBytes: 2 * GiB }, { sizeBytes: GiB }],
        tags: ["prod"],
      },
      restartRequired: false,
    });
    expect(vm?.owner?.specFingerprint).not.toBe(made.owner?.specFingerprint);
    expect((await connection.createVm({ uid, spec: bigger, controllerId: "test" })).state).toBe(
      EnsureState.COMPLETE,
    );
    expect(await reconfigure(connection, uid, bigger)).toMatchObject({ changes: [] });
    await expect(reconfigure(connection, uid, { ...bigger, disks: [disk("root", 1)] })).rejects.toMatchObject(
      {
        code: status.INVALID_ARGUMENT,
        reason: "DISK_SHRINK",
      },
    );
    expect(holdings().volumes).toHaveLength(2);
  });

  test("a running one: what waits is said, and a restart is made where it may be", async () => {
    const { connection } = await startLab({ version });
    const uid = randomUUID();
    const spec = smallSpec();
    await create(connection, spec, uid);
    await power(connection, uid, PowerAction.ON);
    const more = {
      ...spec,
      cpus: 2,
      tags: ["prod"],
      nestedVirtualization: { policy: NestedPolicy.REQUIRED },
    };
    const waiting = await reconfigure(connection, uid, more);
    const effects = new Map(waiting.changes.map(({ feature, effect }) => [feature, effect]));
    expect(effects.get(Feature.CPU)).toBe(ChangeEffect.RESTART_REQUIRED);
    expect(effects.get(Feature.TAGS)).toBe(ChangeEffect.LIVE);
    expect(waiting.vm).toMatchObject({ powerState: PowerState.ON, restartRequired: true, spec: { cpus: 2 } });
    expect(waiting.vm?.restartRequiredReasons.join()).toContain("cores=2 is stored");
    expect(waiting.vm?.nested?.configured).not.toBe(Tristate.TRUE);

    const { vm } = await reconfigure(connection, uid, more, RestartPolicy.IF_NEEDED);
    expect(vm).toMatchObject({ powerState: PowerState.ON, restartRequired: false, spec: { cpus: 2 } });
    expect(vm?.nested?.requested).toBe(Tristate.TRUE);
  });
});

test("a restart that ends with the VM off is an error, and says why", async () => {
  let starts = 0;
  const { connection } = await startLab({
    onTask: ({ type }) => {
      if (type !== "qmstart" || ++starts < 2) return undefined;
      return { fail: "start failed: QEMU exited with code 1" };
    },
  });
  const uid = randomUUID();
  const spec = smallSpec();
  await create(connection, spec, uid);
  await power(connection, uid, PowerAction.ON);
  await expect(
    reconfigure(connection, uid, { ...spec, cpus: 2 }, RestartPolicy.IF_NEEDED),
  ).rejects.toMatchObject({ message: expect.stringContaining("QEMU exited with code 1") });
  expect((await read(connection, uid)).powerState).toBe(PowerState.OFF);
});

test("a guest that does not shut down for its restart keeps running", async () => {
  const { connection } = await startLab({ guest: () => ({ shutsDown: false }) });
  const uid = randomUUID();
  const spec = smallSpec();
  await create(connection, spec, uid);
  await power(connection, uid, PowerAction.ON);
  await expect(
    reconfigure(connection, uid, { ...spec, cpus: 2 }, RestartPolicy.IF_NEEDED),
  ).rejects.toMatchObject({ reason: "GRACEFUL_TIMEOUT" });
  expect(await read(connection, uid)).toMatchObject({ powerState: PowerState.ON, restartRequired: true });
});

test("a configuration that someone changes between the look and the write is not overwritten", async () => {
  let isOpen = true;
  const lab = await startLab({
    onRequest: ({ method, path }) => {
      if (method === "PUT" && path.endsWith("/config") && isOpen) {
        isOpen = false;
        const vm = lab.simulator.cluster.vms.get(100);
        if (vm !== undefined) vm.config["onboot"] = "1";
      }
      return undefined;
    },
  });
  const uid = randomUUID();
  const spec = smallSpec();
  await create(lab.connection, spec, uid);
  const request = { uid, spec: { ...spec, cpus: 2 }, restartPolicy: RestartPolicy.NEVER };
  await expect(lab.connection.reconfigureVm(request)).rejects.toMatchObject({
    code: status.ABORTED,
    reason: "CONFIG_CHANGED",
  });
  await patiently(() => reconfigure(lab.connection, uid, request.spec));
  expect(lab.simulator.cluster.vms.get(100)?.config).toMatchObject({ onboot: "1", cores: "2" });
});

test("a connection that is cut after the change was sent: the next call finds it made", async () => {
  let left = 1;
  const { connection, simulator } = await startLab({
    onRequest: ({ method, path }) =>
      method === "PUT" && path.endsWith("/config") && left-- > 0
        ? { kind: "reset", when: "after" }
        : undefined,
  });
  const uid = randomUUID();
  const spec = smallSpec();
  await create(connection, spec, uid);
  const wanted = { ...spec, cpus: 2 };
  await expect(
    connection.reconfigureVm({ uid, spec: wanted, restartPolicy: RestartPolicy.NEVER }),
  ).rejects.toMatchObject({ code: status.UNAVAILABLE });
  expect((await reconfigure(connection, uid, wanted)).vm?.spec?.cpus).toBe(2);
  const writes = simulator.requests.filter(({ method }) => method === "PUT");
  expect(writes).toHaveLength(1);
});
