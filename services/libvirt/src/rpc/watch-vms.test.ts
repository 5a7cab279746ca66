import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import { PowerState, View, WatchEventType, WatchVMsRequest, type WatchVMsResponse } from "@virtrigaud/proto";
import { Lifecycle } from "../client/index.ts";
import { type FakeVms, startFakeVms } from "../testing/fake-vms.ts";
import { defineForeign } from "../testing/foreign-domain.ts";
import { create, describeOnLibvirt, smallSpec } from "../testing/lab.ts";
import { anyCall } from "../testing/probed-host.ts";
import { watchVms } from "./watch-vms.ts";

const { UPSERT, DELETED, SYNCED, HEARTBEAT, RESET } = WatchEventType;

/** A stream that is read one message at a time: "UPSERT vm1 ON". */
class Stream {
  readonly #messages: AsyncIterator<WatchVMsResponse>;
  last: WatchVMsResponse | undefined;

  constructor(messages: AsyncIterable<WatchVMsResponse>) {
    this.#messages = messages[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    const { value, done } = await this.#messages.next();
    if (done) throw new Error("the stream has ended");
    this.last = value;
    return inShort(value);
  }

  async upTo(type: WatchEventType): Promise<string[]> {
    const lines = [await this.next()];
    while (this.last?.type !== type) lines.push(await this.next());
    return lines;
  }
}

const inShort = ({ type, vm }: WatchVMsResponse): string => {
  const name = type.replace("WATCH_EVENT_TYPE_", "");
  const state = vm?.powerState.replace("POWER_STATE_", "");
  return [name, vm?.name, type === UPSERT ? state : vm?.owner?.uid.slice(-2)].filter(Boolean).join(" ");
};

describe("on a fake", () => {
  let vms: FakeVms | undefined;
  const ending = new AbortController();
  afterEach(async () => {
    await vms?.stop();
  });
  const start = async () => {
    vms = await startFakeVms();
    return vms;
  };
  const watch = ({ host }: FakeVms, init: Partial<WatchVMsRequest> = {}, heartbeatMs?: number) =>
    new Stream(
      watchVms(host, heartbeatMs)({ ...WatchVMsRequest.fromPartial({}), ...init }, anyCall(ending.signal)),
    );

  test("RESET, every VM, SYNCED, changes; unowned ones only where they are asked for", async () => {
    const fake = await start();
    const { domains } = fake;
    const one = domains.define(1);
    const foreign = domains.define(2, { metadata: "" });
    const [owned, every] = [watch(fake), watch(fake, { includeUnowned: true })];
    expect(await owned.upTo(SYNCED)).toEqual(["RESET", "UPSERT vm1 OFF", "SYNCED"]);
    expect((await every.upTo(SYNCED)).sort()).toEqual([
      "RESET",
      "SYNCED",
      "UPSERT vm1 OFF",
      "UPSERT vm2 OFF",
    ]);
    domains.run(foreign);
    domains.run(one);
    expect(await owned.next()).toBe("UPSERT vm1 ON");
    expect([await every.next(), await every.next()].sort()).toEqual(["UPSERT vm1 ON", "UPSERT vm2 ON"]);
    // Disowned: gone for those who see owned ones only.
    domains.emit({ kind: "metadata", domain: { ...one }, type: 2, uri: undefined });
    one.metadata = "";
    expect(await owned.next()).toBe("DELETED vm1 01");
    expect(await every.next()).toBe("UPSERT vm1 ON");
    domains.remove(foreign);
    expect(await every.next()).toBe("DELETED vm2");
  });

  test("a token brings what changed since; one of another daemon begins anew", async () => {
    const fake = await start();
    const { domains } = fake;
    const [, two] = [domains.define(1), domains.define(2)];
    const first = watch(fake);
    await first.upTo(SYNCED);
    const resumeToken = first.last?.resumeToken ?? "";
    const three = domains.define(3);
    domains.remove(two);
    expect(await watch(fake, { resumeToken }).upTo(SYNCED)).toEqual([
      "UPSERT vm3 OFF",
      "DELETED vm2 02",
      "SYNCED",
    ]);
    domains.run(three);
    expect([await first.next(), await first.next()].sort()).toEqual(["DELETED vm2 02", "UPSERT vm3 OFF"]);
    for (const other of [`${randomUUID()}.3`, resumeToken.replace(/\d+$/, "99"), `${resumeToken}x`, "?"])
      expect([other, (await watch(fake, { resumeToken: other }).upTo(SYNCED))[0]]).toEqual([other, "RESET"]);
  });

  test("counters alone cause no message, heartbeats come all the same", async () => {
    const fake = await start();
    fake.domains.run(fake.domains.define(1));
    const stream = watch(fake, { view: View.FULL }, 60);
    await stream.upTo(SYNCED);
    const sent = [await stream.next(), await stream.next()];
    expect(sent).toEqual(["HEARTBEAT", "HEARTBEAT"]);
    expect(stream.last?.type).toBe(HEARTBEAT);
  });

  test("VIEW_FULL has counters of what runs", async () => {
    const fake = await start();
    const domain = fake.domains.define(1);
    const stream = watch(fake, { view: View.FULL });
    await stream.upTo(SYNCED);
    fake.domains.run(domain);
    await stream.next();
    expect(stream.last?.vm).toMatchObject({
      powerState: PowerState.ON,
      spec: { cpus: 1 },
      usage: { cpuSeconds: 2, memoryBytes: 2 ** 20 },
    });
  });

  test("a reader that falls too far behind is told to read faster; others are not held up", async () => {
    const fake = await start();
    const domain = fake.domains.define(1);
    const slow = watch(fake);
    await slow.upTo(SYNCED);
    await fake.host.inventory.all({ signal: ending.signal });
    const { journal } = fake.host.inventory;
    for (let i = 0; i < 20_001; i++) journal.record({ id: domain.uuid, name: "vm1", ownerBefore: undefined });
    await expect(slow.next()).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      reason: "WATCH_TOO_SLOW",
    });
    expect(await watch(fake).upTo(SYNCED)).toEqual(["RESET", "UPSERT vm1 OFF", "SYNCED"]);
  });

  test("stays while libvirtd is away; what happened meanwhile comes afterwards", async () => {
    const fake = await start();
    const { domains } = fake;
    const [one, two] = [domains.define(1), domains.define(2)];
    const stream = watch(fake, {}, 200);
    await stream.upTo(SYNCED);
    await domains.fake.kill();
    await expect(watch(fake).next()).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(await stream.next()).toBe("HEARTBEAT");
    Object.assign(one, { state: 1, id: 5 });
    domains.remove(two);
    domains.define(3);
    await domains.fake.start();
    const told: string[] = [];
    while (told.length < 3) told.push(...(await stream.upTo(UPSERT)).filter((text) => text !== "HEARTBEAT"));
    expect(told.sort()).toEqual(["DELETED vm2 02", "UPSERT vm1 ON", "UPSERT vm3 OFF"]);
  });

  test("thousands of changes keep their order for each VM", async () => {
    const fake = await start();
    const { domains } = fake;
    const all = Array.from({ length: 200 }, (_, number) => domains.define(number));
    const stream = watch(fake);
    await stream.upTo(SYNCED);
    for (const domain of all) {
      domains.run(domain);
      domains.tell(Object.assign(domain, { state: 3 }), Lifecycle.SUSPENDED);
    }
    await sleep(120);
    for (const domain of all) domains.remove(domain);
    const told = new Map<string, string>();
    while (told.size < 200 || [...told.values()].some((text) => text !== "DELETED")) {
      const [type = "", name = ""] = (await stream.next()).split(" ");
      expect(told.get(name)).not.toBe("DELETED");
      told.set(name, type);
    }
  });
});

await describeOnLibvirt("WatchVMs", (lab) => {
  const open = (includeUnowned = false) => {
    const closing = new AbortController();
    const request = WatchVMsRequest.fromPartial({ includeUnowned });
    const stream = new Stream(lab().connection.watchVMs(request, { signal: closing.signal }));
    return { stream, close: () => closing.abort() };
  };

  test("tells what others do to a VM, the death of libvirtd included", async () => {
    const { connection, libvirtd, virsh } = lab();
    const uid = randomUUID();
    const { name } = await create(connection, smallSpec(), uid);
    const { stream, close } = open();
    expect(await stream.upTo(SYNCED)).toEqual(["RESET", `UPSERT ${name} OFF`, "SYNCED"]);
    expect(stream.last?.type).not.toBe(RESET);
    const after = async (...command: string[]) => {
      await virsh(...command);
      return stream.next();
    };
    expect(await after("start", name)).toBe(`UPSERT ${name} ON`);
    expect(await after("suspend", name)).toBe(`UPSERT ${name} PAUSED`);
    expect(await after("resume", name)).toBe(`UPSERT ${name} ON`);
    // It is paused while its memory is written.
    let line = await after("managedsave", name);
    while (line === `UPSERT ${name} PAUSED`) line = await stream.next();
    expect(line).toBe(`UPSERT ${name} SUSPENDED`);
    expect(await after("start", name)).toBe(`UPSERT ${name} ON`);

    // libvirtd gives up a machine whose start it had not finished when it died.
    await sleep(1_000);
    await libvirtd.kill();
    await libvirtd.restart();
    expect(await after("destroy", name)).toBe(`UPSERT ${name} OFF`);

    libvirtd.freeze();
    await sleep(300);
    libvirtd.thaw();
    expect(await after("start", name)).toBe(`UPSERT ${name} ON`);
    await virsh("destroy", name);
    await virsh("undefine", name);
    expect((await stream.upTo(DELETED)).at(-1)).toBe(`DELETED ${name} ${uid.slice(-2)}`);
    close();
  }, 120_000);

  test("domains of others, made and changed while the stream is open", async () => {
    const { virsh } = lab();
    const { stream, close } = open(true);
    await stream.upTo(SYNCED);
    const foreign = { name: "foreign", uuid: randomUUID() };
    await defineForeign(lab(), foreign);
    expect(await stream.next()).toBe("UPSERT foreign OFF");
    await defineForeign(lab(), { ...foreign, vcpus: 2 });
    expect(await stream.next()).toBe("UPSERT foreign OFF");
    await virsh("domrename", "foreign", "renamed");
    expect(await stream.next()).toBe("UPSERT renamed OFF");
    await virsh("undefine", "renamed");
    expect(await stream.next()).toBe("DELETED renamed");
    close();
  });
});
