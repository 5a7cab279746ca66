import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import {
  ListVMsRequest,
  type ListVMsResponse,
  PowerAction,
  PowerState,
  Tristate,
  View,
} from "@virtrigaud/proto";
import { type FakeVms, startFakeVms } from "../testing/fake-vms.ts";
import { defineForeign } from "../testing/foreign-domain.ts";
import { create, describeOnLibvirt, power, read, remove, smallSpec } from "../testing/lab.ts";
import { anyCall } from "../testing/probed-host.ts";
import { listVms } from "./list-vms.ts";

const MiB = 1024 ** 2;
const request = (init: Partial<ListVMsRequest>) => ({ ...ListVMsRequest.fromPartial({}), ...init });

describe("1,000 domains of a fake", () => {
  let vms: FakeVms | undefined;
  afterEach(async () => {
    await vms?.stop();
  });
  const list = ({ host }: FakeVms, init: Partial<ListVMsRequest>): Promise<ListVMsResponse> =>
    listVms(host)(request({ pageSize: 1000, ...init }), anyCall());

  test.each([
    ["BASIC", View.BASIC, { connectGetLibVersion: 1 }],
    ["FULL", View.FULL, { connectGetLibVersion: 1, connectGetAllDomainStats: 1 }],
  ])("cost the same as one: %s", async (_, view, cost) => {
    vms = await startFakeVms();
    const listed = async (number: number) => {
      const domain = vms?.domains.define(number);
      if (domain !== undefined && number % 2 === 1) vms?.domains.run(domain);
    };
    await listed(1);
    await list(vms, { view });
    vms.domains.newCalls();
    await list(vms, { view });
    expect(vms.domains.newCalls()).toEqual(cost);

    for (let number = 2; number <= 1000; number++) await listed(number);
    await list(vms, { view });
    vms.domains.newCalls();
    const { vms: all, nextPageToken } = await list(vms, { view });
    expect(vms.domains.newCalls()).toEqual(cost);
    expect(nextPageToken).toBe("");
    expect(new Set(all.map(({ id }) => id)).size).toBe(1000);
    expect(all.filter(({ usage }) => usage !== undefined).length).toBe(view === View.FULL ? 500 : 0);
    expect(all.filter(({ spec }) => spec !== undefined).length).toBe(view === View.FULL ? 1000 : 0);
  });
});

await describeOnLibvirt("ListVMs and GetVM", (lab) => {
  test("show owned VMs, and others where they are asked for", async () => {
    const { connection, virsh } = lab();
    const uid = randomUUID();
    const { id } = await create(connection, smallSpec(), uid);
    const foreign = { name: "foreign", uuid: randomUUID(), devices: "<interface type='user'/>" };
    await defineForeign(lab(), foreign);
    const owned = await connection.listVMs(request({ view: View.FULL }));
    expect(owned.vms).toEqual([await read(connection, uid)]);
    const every = await connection.listVMs(request({ includeUnowned: true }));
    expect(every.vms.map((vm) => vm.id).sort()).toEqual([id, foreign.uuid].sort());
    expect(every.vms.map(({ spec, appliedCapabilities }) => [spec, appliedCapabilities])).toEqual([
      [undefined, []],
      [undefined, []],
    ]);
    const { vm } = await connection.getVm({
      vm: { reference: { $case: "id", value: foreign.uuid } },
      view: View.FULL,
    });
    expect(vm).toMatchObject({ name: "foreign", owner: undefined, spec: { cpus: 1, memoryBytes: 64 * MiB } });
    await virsh("undefine", "foreign");
    await remove(connection, uid);
    expect((await connection.listVMs(request({ includeUnowned: true }))).vms).toEqual([]);
  });

  test("show counters of what runs, the same in both", async () => {
    const { connection, virsh } = lab();
    const uid = randomUUID();
    const { name } = await create(connection, smallSpec(), uid);
    await power(connection, uid, PowerAction.ON);
    const [listed] = (await connection.listVMs(request({ view: View.FULL }))).vms;
    expect(listed).toMatchObject({ powerState: PowerState.ON, guestAgent: Tristate.FALSE });
    expect(listed?.usage?.memoryBytes).toBeGreaterThan(MiB);
    expect((await read(connection, uid)).usage?.memoryBytes).toBeGreaterThan(MiB);
    const [basic] = (await connection.listVMs(request({}))).vms;
    expect(basic).toEqual({ ...listed, usage: undefined, spec: undefined, appliedCapabilities: [] });
    await virsh("suspend", name);
    const [paused] = (await connection.listVMs(request({ view: View.FULL }))).vms;
    expect(paused).toMatchObject({ powerState: PowerState.PAUSED, usage: undefined });
    await remove(connection, uid);
  });

  test("an existing domain's disks are read once", async () => {
    const { connection, virsh, provider, libvirtd } = lab();
    await virsh("vol-create-as", "default", "own.qcow2", "32M", "--format", "qcow2");
    const disk = `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${libvirtd.pool}/own.qcow2'/><target dev='vda' bus='virtio'/></disk>`;
    await defineForeign(lab(), { name: "with-disk", uuid: randomUUID(), devices: disk });
    const full = () => connection.listVMs(request({ view: View.FULL, includeUnowned: true }));
    const sizes = ({ vms }: ListVMsResponse) =>
      vms.map(({ spec }) => spec?.disks.map(({ sizeBytes }) => sizeBytes));
    expect(sizes(await full())).toEqual([[32 * MiB]]);
    const before = provider.calls.length;
    expect(sizes(await full())).toEqual([[32 * MiB]]);
    expect(provider.calls.slice(before)).toEqual(["connectGetLibVersion"]);
    await virsh("undefine", "with-disk");
    await virsh("vol-delete", "own.qcow2", "default");
  });

  test.each([
    ["an id that nothing has", { $case: "id", value: randomUUID() }, status.NOT_FOUND],
    ["an id that nothing can have", { $case: "id", value: "vm-17" }, status.NOT_FOUND],
    ["a uid that owns nothing", { $case: "uid", value: randomUUID() }, status.NOT_FOUND],
    ["nothing", undefined, status.INVALID_ARGUMENT],
  ] as const)("GetVM of %s", async (_, reference, code) => {
    const asked = lab().connection.getVm({ vm: reference && { reference }, view: View.BASIC });
    await expect(asked).rejects.toMatchObject({ code });
  });

  test("libvirtd that is stopped is UNAVAILABLE within the caller's deadline, and all is well afterwards", async () => {
    const { connection, libvirtd, virsh } = lab();
    const uid = randomUUID();
    const { name } = await create(connection, smallSpec(), uid);
    libvirtd.freeze();
    const call = { signal: AbortSignal.timeout(500) };
    await expect(connection.listVMs(request({}), call)).rejects.toMatchObject({ code: status.CANCELLED });
    libvirtd.thaw();
    await virsh("start", name);
    expect((await connection.listVMs(request({}))).vms).toMatchObject([{ name, powerState: PowerState.ON }]);
    await libvirtd.kill();
    await expect(connection.listVMs(request({}))).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await libvirtd.restart();
    const listed = async () => (await connection.listVMs(request({})).catch(() => ({ vms: [] }))).vms;
    let vms = await listed();
    while (vms.length === 0) vms = await listed();
    expect(vms).toMatchObject([{ name, powerState: PowerState.ON }]);
    await virsh("destroy", name);
  });
});
