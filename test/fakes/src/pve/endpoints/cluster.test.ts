import { describe, expect, test } from "@jest/globals";
import { dataOf, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const GIB = 2 ** 30;
const nodes = [
  { name: "pve1", memoryBytes: 64 * GIB },
  { name: "pve2", memoryBytes: 128 * GIB, vendor: "amd", nesting: false },
  { name: "pve3", online: false },
] as const;

test("a node is reached through another one; a dead one is not", async () => {
  const { call, run, get } = await withPve({ nodes });
  expect((await run("POST", "/nodes/pve2/qemu", { vmid: 100 })).exit).toBe("OK");
  expect(await get("/nodes/pve2/qemu/100/config")).toMatchObject({ boot: "order=" });
  expect((await call("GET", "/nodes/pve1/qemu/100/config")).reason).toBe(
    "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist",
  );
  const dead = await call("POST", "/nodes/pve3/qemu", { vmid: 101 });
  expect([dead.status, dead.reason, dead.body]).toEqual([595, "No route to host", ""]);
});

test("which nodes can nest", async () => {
  const { get } = await withPve({ nodes });
  const flags = async (accel: string) => {
    const list = await get("/nodes/pve1/capabilities/qemu/cpu-flags", { accel });
    return (list as { name: string; "supported-on": string[] }[])[0];
  };
  expect(await flags("kvm")).toMatchObject({ name: "nested-virt", "supported-on": ["pve1"] });
  expect(await flags("tcg")).toMatchObject({ name: "nested-virt", "supported-on": ["pve1", "pve2"] });
});

test.each([
  { version: "6.4", cpu: 501, flags: 501 },
  { version: "7.4", cpu: 200, flags: 501 },
  { version: "8.4", cpu: 200, flags: 501 },
  { version: "9.2", cpu: 200, flags: 200 },
] as const)("$version: capabilities/qemu/cpu is $cpu, cpu-flags $flags", async ({ version, cpu, flags }) => {
  const { call } = await withPve({ version });
  expect((await call("GET", "/nodes/pve1/capabilities/qemu/cpu")).status).toBe(cpu);
  expect((await call("GET", "/nodes/pve1/capabilities/qemu/cpu-flags")).status).toBe(flags);
  expect((await call("GET", "/nodes/pve1/capabilities/qemu/machines")).status).toBe(200);
});

test("the state of nodes", async () => {
  const { get } = await withPve({ nodes });
  const list = (await get("/cluster/resources", { type: "node" })) as Record<string, unknown>[];
  expect(list.map((node) => [node["node"], node["status"], node["maxmem"]])).toEqual([
    ["pve1", "online", 64 * GIB],
    ["pve2", "online", 128 * GIB],
    ["pve3", "offline", 64 * GIB],
  ]);
  expect(await get("/cluster/status")).toMatchObject([
    { type: "cluster", nodes: 3, quorate: 1 },
    { name: "pve1", local: 1, online: 1 },
    { name: "pve2", local: 0, online: 1 },
    { name: "pve3", local: 0, online: 0 },
  ]);
  expect(await get("/nodes/pve2/status")).toMatchObject({
    cpuinfo: { vendor: "AuthenticAMD", hvm: "1", flags: expect.stringMatching(/\bsvm\b/) },
  });
});

describe("cluster/resources", () => {
  const known = async (get: (path: string) => Promise<unknown>) =>
    (await get("/cluster/resources?type=vm")) as Record<string, unknown>[];

  test("knows nothing of a new VM but that it is there, until the next round of statistics", async () => {
    const { call, get } = await withPve({ secondMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
    await call("POST", "/nodes/pve1/qemu", { vmid: 100, name: "new", tags: "mine" });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await known(get)).toEqual([
      { id: "qemu/100", vmid: 100, node: "pve1", type: "qemu", status: "unknown", tags: "mine" },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await known(get)).toMatchObject([{ vmid: 100, name: "new", status: "stopped", maxcpu: 1 }]);
  });

  test("6.4 shows no tags", async () => {
    const { run, get } = await withPve({ version: "6.4" });
    await run("POST", "/nodes/pve1/qemu", { vmid: 100, tags: "mine" });
    expect((await known(get))[0]).not.toHaveProperty("tags");
    expect(await get("/nodes/pve1/qemu/100/config")).toMatchObject({ tags: "mine" });
  });

  test("10,000 VMs are listed by one request", async () => {
    const { pve, get } = await withPve();
    for (let vmid = 1000; vmid < 11_000; vmid += 1) pve.cluster.addVm(vmid, "pve1", { name: `vm-${vmid}` });
    expect(await known(get)).toHaveLength(10_000);
    expect(pve.requests).toHaveLength(1);
  });
});

describe("tasks", () => {
  test("run, can be stopped, and are listed by state", async () => {
    const { pve, call, get } = await withPve({ taskMs: 60_000 });
    const upid = String(dataOf(await call("POST", "/nodes/pve1/qemu", { vmid: 100 })));
    const path = `/nodes/pve1/tasks/${encodeURIComponent(upid)}`;
    const state = {
      upid,
      node: "pve1",
      type: "qmcreate",
      id: "100",
      user: "root@pam",
      tokenid: "virtrigaud",
    };
    expect(await get(`${path}/status`)).toMatchObject({ ...state, status: "running" });
    expect((await call("GET", `${path}/log`)).body).toEqual({ data: [{ n: 1, t: "no content" }], total: 1 });
    expect(await get("/nodes/pve1/tasks", { source: "active" })).toMatchObject([
      { ...state, status: "RUNNING" },
    ]);
    expect(await get("/nodes/pve1/tasks")).toEqual([]);
    await call("DELETE", path);
    await pve.cluster.tasks.get(upid)?.done;
    expect(await get(`${path}/status`)).toMatchObject({
      status: "stopped",
      exitstatus: "unable to create VM 100 - received interrupt",
    });
    expect(await get("/nodes/pve1/tasks", { errors: 1 })).toHaveLength(1);
    expect(await get("/nodes/pve1/tasks", { statusfilter: "ok" })).toEqual([]);
    expect(await get("/cluster/tasks")).toMatchObject([{ upid, saved: "1" }]);
  });

  test("logs are read in parts", async () => {
    const { pve, call, get } = await withPve({ onTask: () => ({ warnings: ["1", "2", "3"] }) });
    const upid = String(dataOf(await call("POST", "/nodes/pve1/qemu", { vmid: 100 })));
    await pve.cluster.tasks.get(upid)?.done;
    expect(await get(`/nodes/pve1/tasks/${encodeURIComponent(upid)}/log`, { start: 1, limit: 2 })).toEqual([
      { n: 2, t: "WARN: 2" },
      { n: 3, t: "WARN: 3" },
    ]);
  });
});

describe("migration", () => {
  const storages = [
    { id: "local", type: "dir" },
    { id: "shared", type: "nfs" },
  ] as const;

  test("looks at storages and never at the CPU", async () => {
    const { run, get, call } = await withPve({ nodes, storages });
    await run("POST", "/nodes/pve1/qemu", { vmid: 100, cpu: "host", scsi0: "shared:1" });
    await run("POST", "/nodes/pve1/qemu/100/status/start", {});
    expect(await get("/nodes/pve1/qemu/100/migrate")).toMatchObject({
      running: 1,
      allowed_nodes: ["pve2", "pve3"],
      local_disks: [],
    });
    expect((await call("POST", "/nodes/pve1/qemu/100/migrate", { target: "pve2" })).reason).toBe(
      "can't migrate running VM without --online",
    );
    expect((await run("POST", "/nodes/pve1/qemu/100/migrate", { target: "pve2", online: 1 })).exit).toBe(
      "OK",
    );
    expect(await get("/nodes/pve2/qemu/100/status/current")).toMatchObject({ status: "running" });
  });
});
