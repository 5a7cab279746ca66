import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { pveVersions } from "@virtrigaud/fakes";
import {
  PowerAction,
  PowerState,
  View,
  type VM,
  WatchEventType,
  WatchVMsRequest,
  type WatchVMsResponse,
} from "@virtrigaud/proto";
import { create, type Lab, power, remove, smallSpec, startLab } from "../testing/lab.ts";

const { RESET, UPSERT, SYNCED, DELETED, HEARTBEAT } = WatchEventType;

async function list(
  { connection }: Lab,
  more: { includeUnowned?: boolean; view?: View; pageSize?: number } = {},
) {
  const { includeUnowned = false, view = View.BASIC, pageSize = 0 } = more;
  const vms: VM[] = [];
  for (let pageToken = ""; ; ) {
    const page = await connection.listVMs({ pageSize, pageToken, view, includeUnowned });
    vms.push(...page.vms);
    pageToken = page.nextPageToken;
    if (pageToken === "") return vms;
  }
}

/** A watcher's messages as they come. */
function watch({ connection }: Pick<Lab, "connection">, request: Partial<WatchVMsRequest> = {}) {
  const controller = new AbortController();
  const stream = connection.watchVMs(WatchVMsRequest.fromPartial(request), { signal: controller.signal });
  const iterator = stream[Symbol.asyncIterator]();
  const seen: WatchVMsResponse[] = [];
  return {
    seen,
    async until(isIt: (message: WatchVMsResponse) => boolean): Promise<WatchVMsResponse> {
      for (;;) {
        const { value, done } = await iterator.next();
        if (done === true) throw new Error("the stream has ended");
        if (value.type !== HEARTBEAT) seen.push(value);
        if (isIt(value)) return value;
      }
    },
    async stop() {
      controller.abort();
      await iterator.next().catch(() => undefined);
    },
  };
}
const of = (type: WatchEventType, id?: string) => (message: WatchVMsResponse) =>
  message.type === type && (id === undefined || message.vm?.id === id);

describe.each(pveVersions)("on Proxmox VE %s", (version) => {
  test("lists by one request whose VMs are whose, and how they are", async () => {
    const lab = await startLab({ version, secondMs: 1, templates: [{ vmid: 9000, name: "debian-13" }] });
    const { connection, simulator, requests } = lab;
    simulator.cluster.addVm(500, "pve1", { name: "legacy" });
    const uids = [randomUUID(), randomUUID()] as const;
    const specs = [smallSpec(), smallSpec()] as const;
    await create(connection, specs[0], uids[0]);
    await create(connection, specs[1], uids[1]);
    await power(connection, uids[1], PowerAction.ON);
    // Nodes tell each other of their VMs every ten seconds, which are 10 ms here.
    await new Promise((resolve) => setTimeout(resolve, 40));
    await list(lab);
    requests();
    expect(await list(lab)).toMatchObject([
      { id: "100", name: specs[0].name, powerState: PowerState.OFF, owner: { uid: uids[0] }, host: "pve1" },
      { id: "101", name: specs[1].name, powerState: PowerState.ON, owner: { uid: uids[1] } },
    ]);
    expect(requests()).toEqual([
      "GET /cluster/resources",
      ...(version === "6.4" ? ["GET /nodes/pve1/qemu"] : []),
    ]);
    const all = await list(lab, { includeUnowned: true, view: View.FULL, pageSize: 1 });
    expect(all.map(({ id, owner, usage }) => [id, owner?.uid, usage !== undefined])).toEqual([
      ["100", uids[0], false],
      ["101", uids[1], true],
      ["500", undefined, false],
    ]);
  });
});

test("a VM that was just made is listed with its name and state", async () => {
  const lab = await startLab({ secondMs: 1000 });
  const spec = smallSpec();
  await create(lab.connection, spec);
  expect(await list(lab)).toMatchObject([{ name: spec.name, powerState: PowerState.OFF }]);
});

test("10,000 VMs are listed without keeping others waiting for long", async () => {
  const lab = await startLab({ secondMs: 1 });
  for (let vmid = 1000; vmid < 11_000; vmid += 1)
    lab.simulator.cluster.addVm(vmid, "pve1", { name: `vm-${vmid}`, tags: `vrtg-${randomUUID()}` });
  const { vms } = await lab.connection.listVMs({
    pageSize: 1000,
    pageToken: "",
    view: View.BASIC,
    includeUnowned: false,
  });
  expect(vms).toHaveLength(1000);
  expect(vms.at(-1)?.id).toBe("1999");
});

describe("watching", () => {
  test("RESET, every VM once, SYNCED, then each change; a token brings what was missed", async () => {
    const lab = await startLab({ secondMs: 1 });
    const { connection } = lab;
    const [old, fresh] = [randomUUID(), randomUUID()];
    const first = await create(connection, smallSpec(), old);
    const watcher = watch(lab);
    const { resumeToken } = await watcher.until(of(SYNCED));
    expect(watcher.seen.map(({ type, vm }) => [type, vm?.id])).toEqual([
      [RESET, undefined],
      [UPSERT, first.id],
      [SYNCED, undefined],
    ]);
    const second = await create(connection, smallSpec(), fresh);
    expect((await watcher.until(of(UPSERT, second.id))).vm?.owner?.uid).toBe(fresh);
    await power(connection, old, PowerAction.ON);
    const isOn = ({ vm }: WatchVMsResponse) => vm?.id === first.id && vm.powerState === PowerState.ON;
    await watcher.until(isOn);
    await remove(connection, fresh);
    const gone = await watcher.until(of(DELETED, second.id));
    expect(gone.vm).toMatchObject({ name: second.name, owner: { uid: fresh } });
    await watcher.stop();

    const resumed = watch(lab, { resumeToken });
    await resumed.until(of(SYNCED));
    expect(resumed.seen.map(({ type, vm }) => [type, vm?.id])).toEqual([
      [UPSERT, first.id],
      [SYNCED, undefined],
    ]);
    await resumed.stop();
    const elsewhere = watch({ connection: (await lab.another()).connection }, { resumeToken });
    await elsewhere.until(of(SYNCED));
    expect(elsewhere.seen[0]?.type).toBe(RESET);
    await elsewhere.stop();
  });

  test("one poll serves all watchers, and nobody is asked while nobody watches", async () => {
    const lab = await startLab();
    const watchers = [watch(lab), watch(lab), watch(lab)];
    await Promise.all(watchers.map((one) => one.until(of(SYNCED))));
    lab.requests();
    const uid = randomUUID();
    const { id } = await create(lab.connection, smallSpec(), uid);
    await Promise.all(watchers.map((one) => one.until(of(UPSERT, id))));
    const polls = () => lab.requests().filter((request) => request === "GET /cluster/resources").length;
    polls();
    const pending = watchers.map((one) => one.until(of(DELETED)).catch(() => undefined));
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Each 50 ms at the most, not three times that.
    expect(polls()).toBeLessThanOrEqual(13);
    await Promise.all(watchers.map((one) => one.stop()));
    await Promise.all(pending);
    // A look may be under way.
    await new Promise((resolve) => setTimeout(resolve, 100));
    polls();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(polls()).toBe(0);
  });

  test("ends with UNAVAILABLE while Proxmox VE does not answer, and is resumed", async () => {
    let isDown = false;
    const lab = await startLab({
      onRequest: ({ path }) =>
        isDown && path === "/cluster/resources" ? { kind: "reset", when: "before" } : undefined,
    });
    const watcher = watch(lab);
    const { resumeToken } = await watcher.until(of(SYNCED));
    isDown = true;
    await expect(watcher.until(of(DELETED))).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
    isDown = false;
    const resumed = watch(lab, { resumeToken });
    await resumed.until(of(SYNCED));
    expect(resumed.seen.map(({ type }) => type)).toEqual([SYNCED]);
    await resumed.stop();
  });
});

test("the pages of a listing cost one request together, and show each VM once", async () => {
  const lab = await startLab({ secondMs: 1 });
  for (const vmid of [500, 501, 502, 503]) lab.simulator.cluster.addVm(vmid, "pve1", { name: `old-${vmid}` });
  await list(lab, { includeUnowned: true });
  lab.requests();
  const vms = await list(lab, { includeUnowned: true, pageSize: 1 });
  expect(vms.map(({ id }) => id)).toEqual(["500", "501", "502", "503"]);
  expect(lab.requests().filter((request) => request === "GET /cluster/resources")).toHaveLength(1);
});
