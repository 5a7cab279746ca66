import { describe, expect, test } from "@jest/globals";
import { dataOf, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const vms = "/nodes/pve1/qemu";

test("16 creates of one id make one VM; the others are told so", async () => {
  const { pve, call } = await withPve();
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, index) => call("POST", vms, { vmid: 100, name: `racer-${index}` })),
  );
  const reasons = answers.map(({ status, reason }) => `${status} ${reason}`).sort();
  expect(reasons).toEqual([
    "200 OK",
    ...Array.from({ length: 15 }, () => "500 unable to create VM 100 - VM 100 already exists on node 'pve1'"),
  ]);
  expect(pve.cluster.vms.size).toBe(1);
});

test("nextid reserves nothing", async () => {
  const { call, get } = await withPve();
  expect(await get("/cluster/nextid")).toBe("100");
  expect(await get("/cluster/nextid")).toBe("100");
  await call("POST", vms, { vmid: 100 });
  expect(await get("/cluster/nextid")).toBe("101");
});

test("while it is created a VM is locked and empty, and gone when that fails", async () => {
  const { pve, call, get } = await withPve({ taskMs: 500 });
  const answer = await call("POST", vms, { vmid: 100, cores: 2, machine: "pc,viommu=intel" });
  expect(await get(`${vms}/100/config`)).toEqual({ digest: expect.any(String), lock: "create" });
  await pve.cluster.tasks.get(String(dataOf(answer)))?.done;
  expect((await call("GET", `${vms}/100/config`)).status).toBe(500);
});

test("start=1 succeeds although the start, a task of its own, fails", async () => {
  const { pve, run } = await withPve();
  const create = await run("POST", vms, { vmid: 100, net0: "virtio,bridge=vmbr7", start: 1 });
  expect(create).toEqual({ exit: "OK", log: ["Execute autostart", "TASK OK"] });
  const start = pve.cluster.tasks.all().find((task) => task.view.type === "qmstart");
  await start?.done;
  expect(start?.exitStatus).toBe("start failed: QEMU exited with code 1");
});

test.each([
  {
    version: "6.4",
    machine: "q35,viommu=intel",
    errors: { machine: "value does not match the regex pattern" },
  },
  {
    version: "7.4",
    machine: "q35,viommu=intel",
    errors: { machine: "value does not match the regex pattern" },
  },
  { version: "8.4", machine: "q35,viommu=intel", errors: undefined },
] as const)("$version: machine=$machine", async ({ version, machine, errors }) => {
  const { call } = await withPve({ version });
  const { body } = await call("POST", vms, { vmid: 100, machine });
  expect((body as { errors?: unknown }).errors).toEqual(errors);
});

test.each([
  { version: "7.4", json: true, status: 400 },
  { version: "8.4", json: true, status: 200 },
  { version: "9.2", json: false, status: 400 },
] as const)("$version: true in a body, JSON $json: $status", async ({ version, json, status }) => {
  const { call } = await withPve({ version });
  expect((await call("POST", vms, { vmid: 100, numa: true }, json)).status).toBe(status);
});

describe("what a full storage answers", () => {
  const full = { content: ["images"], totalBytes: 1000, usedBytes: 1000 } as const;
  test.each([
    { type: "dir", message: /No space left on device$/ },
    { type: "lvm", message: /insufficient free space$/ },
    { type: "lvmthin", message: /free space in thin pool pve\/data reached threshold\.$/ },
    { type: "zfspool", message: /out of space$/ },
    { type: "rbd", message: /No space left on device$/ },
  ] as const)("$type", async ({ type, message }) => {
    const { pve, run } = await withPve({ storages: [{ id: "data", type, ...full }] });
    const { exit } = await run("POST", vms, { vmid: 100, scsi0: "data:8" });
    expect(exit).toMatch(/^unable to create VM 100 - /);
    expect(exit).toMatch(message);
    expect(pve.cluster.vms.size).toBe(0);
  });
});

test("a create that runs out of room frees what it made", async () => {
  const { pve, run } = await withPve({
    storages: [{ id: "data", type: "lvm", totalBytes: 12 * 2 ** 30, usedBytes: 0 }],
  });
  const { exit } = await run("POST", vms, { vmid: 100, scsi0: "data:8", scsi1: "data:8" });
  expect(exit).toContain("insufficient free space");
  expect(pve.cluster.storages.get("data")?.volumes("pve1").size).toBe(0);
});

test("an image is imported with its size", async () => {
  const web = () => ({ sizeBytes: 300 * 2 ** 20, virtualBytes: 3 * 2 ** 30 });
  const { run, get } = await withPve({ web });
  const url = "https://images.example/noble.qcow2";
  const download = await run("POST", "/nodes/pve1/storage/local/download-url", {
    content: "import",
    filename: "noble.qcow2",
    url,
  });
  expect(download.log).toEqual([
    `downloading ${url} to /var/lib/vz/import/noble.qcow2`,
    `download of '${url}' to '/var/lib/vz/import/noble.qcow2' finished`,
    "TASK OK",
  ]);
  const create = await run("POST", vms, {
    vmid: 100,
    scsi0: "local-lvm:0,import-from=local:import/noble.qcow2",
  });
  expect(create.log).toEqual([
    "create full clone of drive (local:import/noble.qcow2)",
    '  Logical volume "vm-100-disk-0" created.',
    "transferred 0.0 B of 3.0 GiB (0.00%)",
    "transferred 3.0 GiB of 3.0 GiB (100.00%)",
    "scsi0: successfully created disk 'local-lvm:vm-100-disk-0,size=3G'",
    "TASK OK",
  ]);
  expect(await get(`${vms}/100/config`)).toMatchObject({ scsi0: "local-lvm:vm-100-disk-0,size=3G" });
});

test("names and descriptions with PVE's own signs come back as they were", async () => {
  const { call, get, pve } = await withPve();
  const description = 'a=b,c;d & "e"\nzwei Zeilen: ünïcode ✓ 100%';
  await call("POST", vms, { vmid: 100, description });
  await Promise.all(pve.cluster.tasks.all().map((task) => task.done));
  expect(await get(`${vms}/100/config`)).toMatchObject({ description });
});
