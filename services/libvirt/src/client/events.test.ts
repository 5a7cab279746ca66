import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import type { DomainEvent } from "../protocol/events.ts";
import { type Answers, type FakeLibvirtd, startFakeLibvirtd } from "../testing/fake-libvirtd.ts";
import { FakeRefusal } from "../testing/fake-refusal.ts";
import type { LibvirtEvent } from "./event-feed.ts";
import { Libvirt } from "./libvirt.ts";

const domain = { name: "vm1", uuid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", id: 1 };
const resynchronise = { kind: "resynchronise" } as const;
const started: DomainEvent = { kind: "lifecycle", domain, event: 2, detail: 0 };

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(answers: Answers = {}): Promise<{ fake: FakeLibvirtd; libvirt: Libvirt }> {
  const fake = await startFakeLibvirtd({ answers });
  const libvirt = new Libvirt({ uri: fake.uri });
  closers.push(
    () => fake.stop(),
    () => libvirt.close(),
  );
  return { fake, libvirt };
}

/** Reads one event at a time. */
function reader(libvirt: Libvirt, signal?: AbortSignal): () => Promise<LibvirtEvent> {
  const events = libvirt.events({ signal })[Symbol.asyncIterator]();
  return async () => (await events.next()).value;
}

test("every kind, after a word to look at everything", async () => {
  const { fake, libvirt } = await setUp();
  const next = reader(libvirt);
  expect(await next()).toEqual(resynchronise);
  const events: DomainEvent[] = [
    started,
    { kind: "reboot", domain },
    { kind: "blockJob", domain, disk: "vda", type: 2, status: 0 },
    { kind: "agent", domain, state: 1, reason: 2 },
    { kind: "deviceAdded", domain, alias: "net1" },
    { kind: "deviceRemoved", domain, alias: "net1" },
    { kind: "metadata", domain, type: 2, uri: "urn:test:owner" },
  ];
  for (const event of events) fake.emit(event);
  for (const event of events) expect(await next()).toEqual(event);
});

test("two readers hear the same, once each, on one registration", async () => {
  const { fake, libvirt } = await setUp();
  const [one, two] = [reader(libvirt), reader(libvirt)];
  expect([await one(), await two()]).toEqual([resynchronise, resynchronise]);
  const three = reader(libvirt);
  expect(await three()).toEqual(resynchronise);
  fake.emit(started);
  fake.emit({ kind: "reboot", domain });
  for (const next of [one, two, three]) {
    expect([await next(), await next()]).toEqual([started, { kind: "reboot", domain }]);
  }
  expect(fake.calls.filter((name) => name === "connectDomainEventCallbackRegisterAny").length).toBe(7);
});

test("after a reconnection: registered anew, and a word to look at everything", async () => {
  const { fake, libvirt } = await setUp();
  const next = reader(libvirt);
  expect(await next()).toEqual(resynchronise);
  await fake.kill();
  expect(await next()).toEqual({ kind: "interrupted" });
  await sleep(150);
  await fake.start();
  expect(await next()).toEqual(resynchronise);
  fake.emit(started);
  expect(await next()).toEqual(started);
});

test("a reader that falls behind is told to look at everything, and nothing waits for it", async () => {
  const { fake, libvirt } = await setUp({ connectGetHostname: () => ({ hostname: "h" }) });
  const next = reader(libvirt);
  expect(await next()).toEqual(resynchronise);
  for (let i = 0; i < 1500; i++) fake.emit({ kind: "lifecycle", domain, event: 2, detail: i });
  await libvirt.call("connectGetHostname", {});
  expect(await next()).toEqual(resynchronise);
  expect(await next()).toEqual({ ...started, detail: 1025 });
});

test("a libvirtd without some kind sends the others", async () => {
  let registered = 0;
  const { libvirt } = await setUp({
    connectDomainEventCallbackRegisterAny: ({ eventId }) => {
      if (eventId !== 0) throw new FakeRefusal(8, "unsupported event ID");
      return { callbackId: registered++ };
    },
  });
  expect(await reader(libvirt)()).toEqual(resynchronise);
  expect(registered).toBe(1);
});

test("a libvirtd without events ends its readers with its refusal", async () => {
  const { libvirt } = await setUp({
    connectDomainEventCallbackRegisterAny: () => {
      throw new FakeRefusal(3, "this function is not supported");
    },
  });
  await expect(reader(libvirt)()).rejects.toMatchObject({ name: "LibvirtError", code: 3 });
});

test("ends with its signal, and when the client is closed", async () => {
  const { libvirt } = await setUp();
  const controller = new AbortController();
  const next = reader(libvirt, controller.signal);
  expect(await next()).toEqual(resynchronise);
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 10);
  await expect(next()).rejects.toBe(reason);

  const other = reader(libvirt);
  expect(await other()).toEqual(resynchronise);
  setTimeout(() => libvirt.close(), 10);
  await expect(other()).rejects.toThrow("the client was closed");
});
