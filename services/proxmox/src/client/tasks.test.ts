import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { pollUntil } from "@virtrigaud/kit";
import { type PveOptions, type PveVersion, pveVersions } from "@virtrigaud/fakes";
import { Tasks } from "./tasks.ts";
import { rejection, withPve } from "./testing/running.ts";

/** A simulator with as many stopped VMs, a client, and its tasks. */
async function withVms(vms: number, options: PveOptions = {}, freshMs?: number) {
  const running = await withPve(options);
  const vmids = Array.from({ length: vms }, (_, i) => 100 + i);
  const { qemu } = running.pve.api().nodes.$("pve1");
  const tasks = new Tasks(running.pve, freshMs === undefined ? {} : { freshMs });
  /** Reads until the task has ended. */
  const ended = (upid: string) => {
    const look = async () => {
      const task = await tasks.read(upid);
      return task.state === "running" ? undefined : task;
    };
    return pollUntil(look, { signal: AbortSignal.timeout(10_000), intervalMs: 5, maxIntervalMs: 20 });
  };
  for (const vmid of vmids) await ended(await qemu.$post({ vmid }));
  const start = (vmid: number) => qemu.$(vmid).status.start.$post();
  /** Requests since, without the names of tasks. */
  const since = (from: number) =>
    running
      .arrived()
      .slice(from)
      .map((request) => request.replace(/UPID:[^/]+/, "*"));
  return { ...running, vmids, tasks, ended, start, since };
}

const starting = (plan: { ms?: number; warnings?: string[]; fail?: string }): PveOptions => ({
  onTask: ({ type }) => (type === "qmstart" ? plan : undefined),
});

describe.each<PveVersion>(pveVersions)("PVE %s", (version) => {
  test.each<[string, Parameters<typeof starting>[0], object]>([
    ["well", {}, { state: "ok" }],
    [
      "with warnings",
      { warnings: ["ignoring 'nested-virt' CPU flag - unable to resolve from host CPU flags"] },
      {
        state: "warnings",
        exitStatus: "WARNINGS: 1",
        log: expect.arrayContaining([
          "WARN: ignoring 'nested-virt' CPU flag - unable to resolve from host CPU flags",
        ]),
      },
    ],
    [
      "badly",
      { fail: "start failed: QEMU exited with code 1" },
      {
        state: "failed",
        exitStatus: "start failed: QEMU exited with code 1",
        log: ["TASK ERROR: start failed: QEMU exited with code 1"],
      },
    ],
  ])("a task ends %s", async (_, plan, expected) => {
    const { ended, start } = await withVms(1, { version, ...starting(plan) }, 0);
    expect(await ended(await start(100))).toEqual(expected);
  });
});

test("the log of a running task can be read", async () => {
  const { tasks, start } = await withVms(1, starting({ warnings: ["look out"], ms: 5_000 }), 0);
  const upid = await start(100);
  await sleep(20);
  expect(await tasks.read(upid)).toEqual({ state: "running" });
  expect(await tasks.log(upid)).toEqual(["WARN: look out"]);
});

describe("requests", () => {
  test("one look finds all that run, however many ask and however often", async () => {
    const { pve, vmids, start, since, simulator } = await withVms(20, starting({ ms: 60_000 }));
    const upids = await Promise.all(vmids.map(start));
    const from = simulator.requests.length;
    const tasks = new Tasks(pve, { freshMs: 60_000 });
    for (let i = 0; i < 5; i++) {
      const states = await Promise.all(upids.map((upid) => tasks.read(upid)));
      expect(states).toEqual(upids.map(() => ({ state: "running" })));
    }
    expect(since(from)).toEqual(["GET /nodes/pve1/tasks"]);
    expect(simulator.requests.at(-1)?.parameters).toEqual({ source: "active", limit: "5000" });
  });

  test("a task that began after the look is asked for by itself, one that ended too", async () => {
    const { pve, start, since, simulator } = await withVms(2, starting({ ms: 500 }));
    const tasks = new Tasks(pve, { freshMs: 60_000 });
    expect(await tasks.read(await start(100))).toEqual({ state: "running" });
    const from = simulator.requests.length;
    const upid = await start(101);
    expect(await tasks.read(upid)).toEqual({ state: "running" });
    await simulator.cluster.tasks.get(upid)?.done;
    expect(await tasks.read(upid)).toEqual({ state: "ok" });
    expect(since(from)).toEqual([
      "POST /nodes/pve1/qemu/101/status/start",
      "GET /nodes/pve1/tasks/*/status",
      "GET /nodes/pve1/tasks/*/status",
    ]);
  });

  test("a look is renewed when it is no longer fresh", async () => {
    const { ended, start, since, simulator } = await withVms(1, starting({ ms: 50 }), 0);
    const from = simulator.requests.length;
    expect(await ended(await start(100))).toEqual({ state: "ok" });
    expect(since(from).filter((request) => request === "GET /nodes/pve1/tasks").length).toBeGreaterThan(1);
  });

  test("each node is looked at by itself", async () => {
    const nodes = [{ name: "pve1" }, { name: "pve2" }];
    const { pve, tasks, arrived } = await withVms(0, { nodes, taskMs: 1_000 });
    const create = (node: string, vmid: number) => pve.api().nodes.$(node).qemu.$post({ vmid });
    const upids = await Promise.all([create("pve1", 100), create("pve2", 101)]);
    await Promise.all(upids.map((upid) => tasks.read(upid)));
    expect(arrived().slice(2).sort()).toEqual(["GET /nodes/pve1/tasks", "GET /nodes/pve2/tasks"]);
  });
});

describe("a look that fails", () => {
  test("fails for all who share it, and is not kept", async () => {
    let dead = false;
    const { tasks, start } = await withVms(
      1,
      {
        ...starting({ ms: 1_000 }),
        onRequest: ({ path }) =>
          dead && path.endsWith("/tasks")
            ? { kind: "status", status: 595, reason: "No route to host" }
            : undefined,
      },
      0,
    );
    const upid = await start(100);
    dead = true;
    const errors = await Promise.all([rejection(tasks.read(upid)), rejection(tasks.read(upid))]);
    expect(errors).toMatchObject(Array(2).fill({ name: "PveNodeUnreachable", status: 595 }));
    dead = false;
    expect(await tasks.read(upid)).toEqual({ state: "running" });
  });

  test("is not ended by one who gives up", async () => {
    const { tasks, start } = await withVms(
      1,
      {
        ...starting({ ms: 1_000 }),
        onRequest: ({ path }) => (path.endsWith("/tasks") ? { kind: "delay", ms: 60 } : undefined),
      },
      0,
    );
    const upid = await start(100);
    const reason = new Error("gone");
    const caller = new AbortController();
    const first = tasks.read(upid, { signal: caller.signal });
    const second = tasks.read(upid);
    caller.abort(reason);
    expect(await rejection(first)).toBe(reason);
    expect(await second).toEqual({ state: "running" });
    expect(await rejection(tasks.read(upid, { deadlineMs: 10 }))).toMatchObject({
      name: "PveUnreachable",
      message: "GET /nodes/pve1/tasks: no answer within 10 ms",
    });
  });
});

test("a task that PVE does not know, and what is none", async () => {
  const { tasks } = await withVms(0);
  const upid = "UPID:pve1:00000001:00000001:00000001:qmstart:1:root@pam:";
  expect(await rejection(tasks.read(upid))).toMatchObject({
    status: 400,
    errors: { upid: "no such task" },
    upid,
  });
  expect(await rejection(tasks.read("UPID:pve1"))).toEqual(new TypeError('"UPID:pve1" is not a UPID'));
});
