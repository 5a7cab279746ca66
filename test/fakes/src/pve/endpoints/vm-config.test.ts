import { describe, expect, test } from "@jest/globals";
import { dataOf, type Running, stopAfterEach, withPve } from "../testing/with-pve.ts";
import type { PveOptions } from "../options.ts";

stopAfterEach();
const vm = "/nodes/pve1/qemu/100";

/** A running VM with a disk and a card. */
async function runningVm(
  config: Readonly<Record<string, unknown>> = {},
  options: PveOptions = {},
): Promise<Running> {
  const running = await withPve(options);
  await running.run("POST", "/nodes/pve1/qemu", {
    vmid: 100,
    cores: 4,
    memory: 2048,
    scsi0: "local:4,format=qcow2",
    net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0",
    ...config,
  });
  await running.run("POST", `${vm}/status/start`, {});
  return running;
}

/** Options that wait, as `{name: value}`, deletions as `{name: "delete"}`. */
async function waiting({ get }: Running): Promise<Record<string, unknown>> {
  const rows = (await get(`${vm}/pending`)) as { key: string; pending?: unknown; delete?: number }[];
  const changed = rows.filter((row) => row.pending !== undefined || row.delete !== undefined);
  return Object.fromEntries(changed.map((row) => [row.key, row.pending ?? "delete"]));
}

describe("changes of a running VM", () => {
  test.each<{
    readonly change: Readonly<Record<string, unknown>>;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly waits: Record<string, unknown>;
  }>([
    { change: { name: "new", description: "d", tags: "x", onboot: 1 }, waits: {} },
    { change: { cores: 8, cpu: "host", bios: "ovmf" }, waits: { cores: 8, cpu: "host", bios: "ovmf" } },
    { change: { memory: 4096 }, waits: { memory: "4096" } },
    { change: { memory: 4096 }, with: { hotplug: "memory", numa: 1 }, waits: {} },
    { change: { vcpus: 2 }, waits: { vcpus: 2 } },
    { change: { vcpus: 2 }, with: { hotplug: "cpu" }, waits: {} },
    { change: { cpuunits: 50, cpulimit: 2 }, waits: {} },
    { change: { scsi1: "local:1" }, waits: {} },
    {
      change: { scsi1: "local:1" },
      with: { hotplug: "0" },
      waits: { scsi1: "local:100/vm-100-disk-1.raw,size=1G" },
    },
    { change: { sata0: "local:1" }, waits: { sata0: "local:100/vm-100-disk-1.raw,size=1G" } },
    { change: { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr1" }, with: { hotplug: "disk" }, waits: {} },
    {
      change: { net0: "e1000=BC:24:11:00:00:01,bridge=vmbr0" },
      with: { hotplug: "disk" },
      waits: { net0: "e1000=BC:24:11:00:00:01,bridge=vmbr0" },
    },
    {
      change: { delete: "scsihw,cores" },
      with: { scsihw: "virtio-scsi-pci" },
      waits: { scsihw: "delete", cores: "delete" },
    },
  ])("$change waits as $waits", async ({ change, with: config, waits }) => {
    const running = await runningVm(config);
    expect((await running.call("PUT", `${vm}/config`, change)).reason).toBe("OK");
    expect(await waiting(running)).toEqual(waits);
  });

  test("what waits is in force after a stop and a start", async () => {
    const running = await runningVm();
    await running.call("PUT", `${vm}/config`, { cores: 8, delete: "memory" });
    expect(await running.get(`${vm}/config`)).toMatchObject({ cores: 8 });
    expect(await running.get(`${vm}/config`, { current: 1 })).toMatchObject({ cores: 4, memory: "2048" });
    await running.run("POST", `${vm}/status/stop`, {});
    await running.run("POST", `${vm}/status/start`, {});
    expect(await waiting(running)).toEqual({});
    expect(running.pve.cluster.vms.get(100)?.process?.config).toMatchObject({ cores: "8" });
  });

  test("a reboot takes it in force too, by a start that root's event makes", async () => {
    const running = await runningVm();
    await running.call("PUT", `${vm}/config`, { cores: 8 });
    expect(await running.run("POST", `${vm}/status/reboot`, {})).toEqual({ exit: "OK", log: ["TASK OK"] });
    const start = running.pve.cluster.tasks.all().at(-1);
    await start?.done;
    expect(start?.view).toEqual({ type: "qmstart", id: "100", node: "pve1", user: "root@pam" });
    expect(running.pve.cluster.vms.get(100)?.process?.config).toMatchObject({ cores: "8" });
  });

  test("revert forgets what waits", async () => {
    const running = await runningVm();
    await running.call("PUT", `${vm}/config`, { cores: 8 });
    await running.call("PUT", `${vm}/config`, { revert: "cores" });
    expect(await waiting(running)).toEqual({});
  });

  test("more vCPUs than the machine has are a mistake", async () => {
    const { call } = await runningVm({ hotplug: "cpu" });
    const { status, body } = await call("PUT", `${vm}/config`, { vcpus: 5 });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      errors: { vcpus: "hotplug problem - you can't add more vcpus than maxcpus\n" },
    });
  });
});

describe("drives", () => {
  test("a removed drive is kept as unused, and removed from there", async () => {
    const { run, call, get, pve } = await withPve();
    await run("POST", "/nodes/pve1/qemu", { vmid: 100, scsi0: "local:1" });
    await call("PUT", `${vm}/config`, { delete: "scsi0" });
    expect(await get(`${vm}/config`)).toMatchObject({ unused0: "local:100/vm-100-disk-0.raw" });
    await call("PUT", `${vm}/config`, { delete: "unused0" });
    expect(pve.cluster.storages.get("local")?.volumes("pve1").size).toBe(0);
  });

  test("by force a drive goes at once", async () => {
    const { run, call, get } = await withPve();
    await run("POST", "/nodes/pve1/qemu", { vmid: 100, scsi0: "local:1" });
    await call("PUT", `${vm}/config`, { delete: "scsi0", force: 1 });
    expect(await get(`${vm}/config`)).not.toHaveProperty("unused0");
    expect(await get("/nodes/pve1/storage/local/content")).toEqual([]);
  });

  test.each([
    { version: "7.4", data: null },
    { version: "8.4", data: expect.stringMatching(/^UPID:pve1:.*:resize:100:/) },
  ] as const)("$version: resize answers $data", async ({ version, data }) => {
    const { run, call, get, pve } = await withPve({ version });
    await run("POST", "/nodes/pve1/qemu", { vmid: 100, scsi0: "local:1" });
    expect(dataOf(await call("PUT", `${vm}/resize`, { disk: "scsi0", size: "+1G" }))).toEqual(data);
    await Promise.all(pve.cluster.tasks.all().map((task) => task.done));
    expect(await get(`${vm}/config`)).toMatchObject({ scsi0: "local:100/vm-100-disk-0.raw,size=2G" });
  });

  test("7.4: a shrink is a 500, as there is no task to fail", async () => {
    const { run, call } = await withPve({ version: "7.4" });
    await run("POST", "/nodes/pve1/qemu", { vmid: 100, scsi0: "local:2" });
    const { status, reason } = await call("PUT", `${vm}/resize`, { disk: "scsi0", size: "1G" });
    expect([status, reason]).toEqual([500, "shrinking disks is not supported"]);
  });
});

test("a stale digest is refused, the current one not", async () => {
  const { run, call, get } = await withPve();
  await run("POST", "/nodes/pve1/qemu", { vmid: 100 });
  const { digest } = (await get(`${vm}/config`)) as { digest: string };
  expect((await call("PUT", `${vm}/config`, { cores: 2, digest })).reason).toBe("OK");
  expect((await call("PUT", `${vm}/config`, { cores: 3, digest })).reason).toBe(
    "checksum mismatch (file change by other user?)",
  );
});

test("who waits too long for the lock is told so", async () => {
  const { run, call } = await runningVm({}, { guest: () => ({ shutsDown: false }) });
  const shutdown = run("POST", `${vm}/status/shutdown`, { timeout: 600 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await call("PUT", `${vm}/config`, { cores: 1 })).reason).toBe(
    "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout",
  );
  expect((await shutdown).exit).toBe("VM quit/powerdown failed - got timeout");
});
