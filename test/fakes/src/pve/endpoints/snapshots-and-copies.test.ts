import { describe, expect, test } from "@jest/globals";
import { dataOf, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const vms = "/nodes/pve1/qemu";
const vm = `${vms}/100`;

describe("snapshots", () => {
  test("of a running VM with its memory, and back to it", async () => {
    const { pve, run, get, call } = await withPve();
    await run("POST", vms, { vmid: 100, cores: 2, cpu: "host", memory: 512, scsi0: "local-lvm:1" });
    await run("POST", `${vm}/status/start`, {});
    const taken = await run("POST", `${vm}/snapshot`, { snapname: "before", vmstate: 1, description: "d" });
    expect(taken.log).toEqual([
      '  Logical volume "vm-100-state-before" created.',
      "saving VM state and RAM using storage 'local-lvm'",
      "snapshotting 'drive-scsi0' (local-lvm:vm-100-disk-0)",
      "TASK OK",
    ]);
    expect(await get(`${vm}/snapshot/before/config`)).toMatchObject({
      cores: 2,
      description: "d",
      vmstate: "local-lvm:vm-100-state-before",
      runningcpu: "host",
      runningmachine: "pc-i440fx-10.0+pve0",
      snaptime: expect.any(Number),
    });
    await call("PUT", `${vm}/config`, { name: "changed" });
    expect((await run("POST", `${vm}/snapshot/before/rollback`, {})).exit).toBe("OK");
    expect(await get(`${vm}/config`)).not.toHaveProperty("name");
    expect(pve.cluster.vms.get(100)?.isRunning).toBe(true);
    expect((await run("DELETE", `${vm}/snapshot/before`)).exit).toBe("OK");
    expect(await get("/nodes/pve1/storage/local-lvm/content")).toHaveLength(1);
  });

  test("without its memory a VM is stopped by the way back", async () => {
    const { pve, run } = await withPve();
    await run("POST", vms, { vmid: 100, scsi0: "local-lvm:1" });
    await run("POST", `${vm}/status/start`, {});
    await run("POST", `${vm}/snapshot`, { snapname: "s1" });
    await run("POST", `${vm}/snapshot/s1/rollback`, {});
    expect(pve.cluster.vms.get(100)?.isRunning).toBe(false);
  });

  test("form a chain that closes over a deleted one", async () => {
    const { run, get } = await withPve();
    await run("POST", vms, { vmid: 100 });
    for (const snapname of ["s1", "s2", "s3"]) await run("POST", `${vm}/snapshot`, { snapname });
    await run("DELETE", `${vm}/snapshot/s2`);
    const list = (await get(`${vm}/snapshot`)) as { name: string; parent?: string }[];
    expect(list.map(({ name, parent }) => [name, parent])).toEqual([
      ["s1", undefined],
      ["s3", "s1"],
      ["current", "s3"],
    ]);
  });

  test("a VM being snapshotted is locked", async () => {
    const { run, call } = await withPve({
      onTask: ({ type }) => (type === "qmsnapshot" ? { ms: 500 } : undefined),
    });
    await run("POST", vms, { vmid: 100 });
    const snapshot = run("POST", `${vm}/snapshot`, { snapname: "s1" });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await call("PUT", `${vm}/config`, { cores: 2 })).reason).toBe("VM is locked (snapshot)");
    expect((await snapshot).exit).toBe("OK");
    expect((await call("PUT", `${vm}/config`, { cores: 2 })).reason).toBe("OK");
  });

  test("of a raw file there are none", async () => {
    const { run, get } = await withPve();
    await run("POST", vms, { vmid: 100, scsi0: "local:1" });
    expect((await run("POST", `${vm}/snapshot`, { snapname: "s1" })).exit).toBe(
      "snapshot feature is not available",
    );
    expect(await get(`${vm}/feature`, { feature: "snapshot" })).toEqual({ hasFeature: 0, nodes: ["pve1"] });
  });
});

describe("templates and clones", () => {
  const templates = [{ vmid: 9000, name: "debian", storage: "local-lvm", diskBytes: 4 * 2 ** 30 }];

  test("a linked clone needs its base, which the template keeps", async () => {
    const { run, get } = await withPve({ templates: [{ vmid: 9000, name: "debian", storage: "local" }] });
    expect((await run("POST", `${vms}/9000/clone`, { newid: 100, name: "one" })).exit).toBe("OK");
    expect(await get(`${vm}/config`)).toMatchObject({
      name: "one",
      scsi0: "local:9000/base-9000-disk-0.qcow2/100/vm-100-disk-0.qcow2,size=10G",
    });
    expect((await run("DELETE", `${vms}/9000`)).exit).toBe(
      "base volume 'local:9000/base-9000-disk-0.qcow2' is still in use by linked cloned",
    );
    await run("DELETE", vm);
    expect((await run("DELETE", `${vms}/9000`)).exit).toBe("OK");
  });

  test("a full clone goes to another storage, with its own identity", async () => {
    const { run, get } = await withPve({ templates });
    const clone = await run("POST", `${vms}/9000/clone`, {
      newid: 100,
      full: 1,
      storage: "local",
      format: "qcow2",
    });
    expect(clone.exit).toBe("OK");
    const [source, copy] = (await Promise.all([get(`${vms}/9000/config`), get(`${vm}/config`)])) as {
      smbios1: string;
    }[];
    expect(copy).toMatchObject({ name: "Copy-of-VM-debian", scsi0: "local:100/vm-100-disk-0.qcow2,size=4G" });
    expect(copy?.smbios1).not.toBe(source?.smbios1);
    expect(copy).not.toHaveProperty("template");
  });

  test("16 clones onto one id make one VM", async () => {
    const { pve, call } = await withPve({ templates });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => call("POST", `${vms}/9000/clone`, { newid: 100 })),
    );
    const tasks = answers
      .filter(({ status }) => status === 200)
      .map((answer) => pve.cluster.tasks.get(String(dataOf(answer))));
    await Promise.all(tasks.map((task) => task?.done));
    expect(tasks.filter((task) => task?.exitStatus === "OK")).toHaveLength(1);
    const lost = tasks.map((task) => task?.exitStatus).filter((exit) => exit !== "OK");
    for (const exit of lost) expect(exit).toBe("unable to create VM 100: config file already exists");
    expect(pve.cluster.vms.size).toBe(2);
  });

  test.each([
    { type: "lvm", reason: "Linked clone feature is not supported for 'data:vm-100-disk-0' (scsi0)" },
    { type: "dir", reason: "Linked clone feature is not supported for 'data:100/vm-100-disk-0.raw' (scsi0)" },
  ] as const)("$type: no linked clone of what is no template", async ({ type, reason }) => {
    const { run, call } = await withPve({ storages: [{ id: "data", type }] });
    await run("POST", vms, { vmid: 100, scsi0: "data:1" });
    expect((await call("POST", `${vm}/clone`, { newid: 101, full: 0 })).reason).toBe(reason);
  });

  test.each([
    { version: "6.4", data: null },
    { version: "7.4", data: expect.stringMatching(/:qmtemplate:100:/) },
  ] as const)("$version: template answers $data", async ({ version, data }) => {
    const { run, call, get, pve } = await withPve({ version });
    await run("POST", vms, { vmid: 100, scsi0: "local-lvm:1" });
    expect(dataOf(await call("POST", `${vm}/template`, {}))).toEqual(data);
    await Promise.all(pve.cluster.tasks.all().map((task) => task.done));
    expect(await get(`${vm}/config`)).toMatchObject({
      template: 1,
      scsi0: "local-lvm:base-100-disk-0,size=1G",
    });
  });
});
