import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { RestartPolicy } from "@virtrigaud/proto";
import { create, patiently, remove, smallSpec, startLab } from "./testing/lab.ts";

const GiB = 1024 ** 3;
const half = {
  memoryBytes: 10 * GiB,
  memoryAllocation: { reservationBytes: 10 * GiB, limitBytes: undefined },
};

test("what VMs were promised counts for the next, also when all ask at once and when the daemon is new", async () => {
  const { connection, another } = await startLab({
    nodes: [{ name: "pve1", memoryBytes: 32 * GiB }],
    taskMs: 50,
  });
  const full = { reason: "CAPACITY", message: expect.stringContaining("promised to other VMs") };
  const uids = Array.from({ length: 5 }, () => randomUUID());
  const all = await Promise.allSettled(
    uids.map((uid) => patiently(() => create(connection, smallSpec(half), uid))),
  );
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  const refused = all.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  expect(refused).toEqual([expect.objectContaining(full), expect.objectContaining(full)]);

  const next = (await another()).connection;
  await expect(create(next, smallSpec(half))).rejects.toMatchObject(full);
  const made = uids[all.findIndex(({ status }) => status === "fulfilled")] ?? "";
  await remove(connection, made);
  const spec = smallSpec(half);
  const uid = randomUUID();
  await create(next, spec, uid);
  // A VM does not stand in its own way.
  const same = { ...spec, cpus: 2 };
  await next.reconfigureVm({ uid, spec: same, restartPolicy: RestartPolicy.NEVER });
  const more = {
    ...half,
    memoryBytes: 20 * GiB,
    memoryAllocation: { reservationBytes: 20 * GiB, limitBytes: undefined },
  };
  await expect(
    next.reconfigureVm({ uid, spec: { ...spec, ...more }, restartPolicy: RestartPolicy.NEVER }),
  ).rejects.toMatchObject(full);
});

test("who reserves costs no more requests than who does not, once the others are known", async () => {
  const { connection, requests } = await startLab();
  await create(connection, smallSpec(half));
  await connection.getInfo({});
  requests();
  await create(connection, smallSpec(half));
  expect(requests()).toHaveLength(5);
});
