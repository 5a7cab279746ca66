import { describe, expect, test } from "@jest/globals";
import { pollUntil } from "@virtrigaud/kit";
import { pveVersions } from "@virtrigaud/fakes";
import type { Pve } from "./pve.ts";
import { Tasks, type TaskState } from "./tasks.ts";
import { rejection, withPve } from "./testing/running.ts";

/** How a task ended. */
function ended(pve: Pve, upid: string): Promise<TaskState> {
  const tasks = new Tasks(pve, { freshMs: 0 });
  const look = async () => {
    const task = await tasks.read(upid);
    return task.state === "running" ? undefined : task;
  };
  return pollUntil(look, { signal: AbortSignal.timeout(5_000), intervalMs: 2, maxIntervalMs: 20 });
}

describe.each(pveVersions)("PVE %s", (version) => {
  test("makes, changes and removes a VM, whatever characters its texts have", async () => {
    const { pve, arrived } = await withPve({ version });
    const { qemu } = pve.api().nodes.$("pve1");
    const description = "a=b, c; d & 100 % + ü";
    const created = await qemu.$post({
      vmid: 100,
      name: "web",
      net7: "virtio,bridge=vmbr0",
      kvm: false,
      description,
    });
    expect(await ended(pve, created)).toEqual({ state: "ok" });
    const vm = qemu.$(100);
    expect(await vm.config.$get()).toMatchObject({
      name: "web",
      kvm: 0,
      net7: expect.stringContaining("bridge=vmbr0"),
      description: expect.stringMatching(/^a=b, c; d & 100 % \+ ü\n?$/),
    });
    expect(await vm.config.$put({ delete: "net7" })).toBeNull();
    expect(await vm.config.$get()).not.toHaveProperty("net7");
    expect(await ended(pve, await vm.$delete({ purge: true }))).toEqual({ state: "ok" });
    expect(arrived().filter((request) => !request.includes("/tasks"))).toEqual([
      "POST /nodes/pve1/qemu",
      "GET /nodes/pve1/qemu/100/config",
      "PUT /nodes/pve1/qemu/100/config",
      "GET /nodes/pve1/qemu/100/config",
      "DELETE /nodes/pve1/qemu/100",
    ]);
  });

  test("says in its status line why it refuses", async () => {
    const { pve } = await withPve({ version });
    expect(await rejection(pve.api().nodes.$("pve1").qemu.$(999).config.$get())).toMatchObject({
      name: "PveError",
      message:
        "GET /nodes/pve1/qemu/999/config: 500 Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist",
      status: 500,
      reason: "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist",
      errors: {},
      upid: undefined,
      method: "GET",
      path: "/nodes/pve1/qemu/999/config",
    });
  });
});

describe("refusals", () => {
  test("of parameters name each of them", async () => {
    const { pve } = await withPve();
    const error = await rejection(
      pve.api().nodes.$("pve1").qemu.$post({ vmid: 100, cores: 0, colour: "red" }),
    );
    const unknown = "property is not defined in schema and the schema does not allow additional properties";
    expect(error).toMatchObject({
      name: "PveError",
      status: 400,
      reason: "Parameter verification failed.",
      errors: { cores: expect.stringContaining("minimum"), colour: unknown },
      message: expect.stringContaining(`POST /nodes/pve1/qemu: 400 Parameter verification failed.; `),
    });
    expect((error as Error).message).toContain(`colour: ${unknown}`);
  });

  test("of a privilege name it", async () => {
    const { pve } = await withPve({ tokens: [{ id: "root@pam!t", privileges: { "/": ["VM.Audit"] } }] });
    await expect(pve.api().nodes.$("pve1").qemu.$(121).status.start.$post()).rejects.toMatchObject({
      name: "PveError",
      status: 403,
      reason: "Permission check failed (/vms/121, VM.PowerMgmt)",
    });
  });

  test("about a task carry its UPID", async () => {
    const { pve } = await withPve();
    const upid = "UPID:pve1:00000001:00000001:00000001:qmstart:1:root@pam:";
    await expect(pve.api().nodes.$("pve1").tasks.$(upid).status.$get()).rejects.toMatchObject({
      status: 400,
      errors: { upid: "no such task" },
      upid,
    });
  });

  test("of a path that does not exist are no matter of types", async () => {
    const { pve } = await withPve({ version: "6.4" });
    const flags = pve.api().nodes.$("pve1").capabilities.qemu["cpu-flags"];
    await expect(flags.$get()).rejects.toMatchObject({ name: "PveError", status: 501 });
  });
});

test("requests are reported by their template, and nothing else of them", async () => {
  const { pve, reports } = await withPve();
  await pve.api().cluster.resources.$get({ type: "vm" });
  await rejection(pve.api().nodes.$("pve1").qemu.$(7).config.$get());
  expect(reports).toEqual([
    { method: "GET", route: "/cluster/resources", status: 200, milliseconds: expect.any(Number) },
    { method: "GET", route: "/nodes/*/qemu/*/config", status: 400, milliseconds: expect.any(Number) },
  ]);
});
