import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { ErrorCode } from "../protocol/constants.ts";
import { type Answers, type FakeLibvirtd, startFakeLibvirtd } from "../testing/fake-libvirtd.ts";
import { FakeRefusal } from "../testing/fake-refusal.ts";
import { LibvirtAuthError, LibvirtError, LibvirtProtocolError, LibvirtUnreachable } from "./errors.ts";
import type { RoundTrip } from "./round-trip.ts";
import { connectLibvirt, Libvirt, type LibvirtOptions } from "./libvirt.ts";

const domain = { name: "vm1", uuid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", id: 1 };
const never = () => new Promise<never>(() => {});

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(answers: Answers): Promise<FakeLibvirtd> {
  const fake = await startFakeLibvirtd({ answers });
  closers.push(() => fake.stop());
  return fake;
}

function client(fake: FakeLibvirtd, options: Partial<LibvirtOptions> = {}): Libvirt {
  const libvirt = new Libvirt({ uri: fake.uri, ...options });
  closers.push(() => libvirt.close());
  return libvirt;
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    (value) => Promise.reject(new Error(`did not fail: ${JSON.stringify(value)}`)),
    (error: Error) => error,
  );
}

test("connects when first used, shakes hands and calls", async () => {
  const fake = await start({ domainGetState: () => ({ state: 1, reason: 5 }) });
  const trips: RoundTrip[] = [];
  const libvirt = client(fake, { onRoundTrip: (trip) => trips.push(trip) });
  expect(fake.accepted).toBe(0);
  expect(await libvirt.call("domainGetState", { domain })).toEqual({ state: 1, reason: 5 });
  expect(await libvirt.call("domainGetState", { domain })).toEqual({ state: 1, reason: 5 });
  expect(fake.calls).toEqual([
    ...["authList", "connectSupportsFeature", "connectOpen"],
    ...["domainGetState", "domainGetState"],
  ]);
  expect(trips.map(({ procedure, error }) => [procedure, error])).toEqual([
    ["domainGetState", undefined],
    ["domainGetState", undefined],
  ]);
});

describe("refusals", () => {
  test("are typed", async () => {
    const fake = await start({
      domainLookupByName: () => {
        throw new FakeRefusal(ErrorCode.NO_DOMAIN, "Domain not found");
      },
    });
    const error = await failureOf(client(fake).call("domainLookupByName", { name: "a" }));
    expect(error).toBeInstanceOf(LibvirtError);
    expect({ ...error, message: error.message }).toEqual({
      name: "LibvirtError",
      procedure: "domainLookupByName",
      code: 42,
      domain: 10,
      level: 2,
      message: "domainLookupByName: Domain not found",
    });
  });

  test("of a libvirtd that is too old for a call say so", async () => {
    const fake = await start({});
    const error = await failureOf(client(fake).call("domainInterfaceAddresses", { domain, source: 0 }));
    expect(error).toMatchObject({
      code: ErrorCode.NO_SUPPORT,
      message: "domainInterfaceAddresses: this libvirtd is too old for it (unknown procedure: 353)",
    });
  });

  test("of arguments that cannot be sent name the argument", async () => {
    const fake = await start({});
    const libvirt = client(fake);
    const error = await failureOf(libvirt.call("domainGetState", { domain: { ...domain, uuid: "x" } }));
    expect(error.message).toBe('domainGetState.domain.uuid: "x" is not a UUID');
  });
});

describe("bounds", () => {
  test("the deadline of a call that libvirtd does not answer", async () => {
    const fake = await start({ domainGetState: never });
    const error = await failureOf(client(fake).call("domainGetState", { domain }, { deadlineMs: 50 }));
    expect(error).toBeInstanceOf(LibvirtUnreachable);
    expect(error).toMatchObject({
      sent: "maybe",
      message: "domainGetState: no answer from libvirtd after 50 ms, its deadline",
    });
  });

  test("the caller's signal", async () => {
    const fake = await start({ domainGetState: never });
    const controller = new AbortController();
    const call = client(fake).call("domainGetState", { domain }, { signal: controller.signal });
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 20);
    expect(await failureOf(call)).toBe(reason);
  });

  test("a signal that many calls share", async () => {
    const fake = await start({ domainGetState: never });
    const libvirt = client(fake);
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const controller = new AbortController();
    const calls = Array.from({ length: 50 }, () =>
      failureOf(libvirt.call("domainGetState", { domain }, { signal: controller.signal })),
    );
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 20);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]));
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  test("four slow calls at a time; those that nobody waits for count until they are answered", async () => {
    const waiting: (() => void)[] = [];
    const fake = await start({
      domainGetXmlDesc: () => new Promise((resolve) => waiting.push(() => resolve({ xml: "<domain/>" }))),
      domainGetState: () => ({ state: 1, reason: 0 }),
    });
    const libvirt = client(fake);
    const read = (deadlineMs?: number) => libvirt.call("domainGetXmlDesc", { domain }, { deadlineMs });
    for (const call of Array.from({ length: 4 }, () => read(50))) {
      expect(await failureOf(call)).toMatchObject({ sent: "maybe" });
    }
    expect(await failureOf(read(50))).toMatchObject({
      sent: "no",
      message: "domainGetXmlDesc: libvirtd still works on earlier calls after 50 ms, its deadline",
    });
    const fifth = read();
    expect(await libvirt.call("domainGetState", { domain })).toEqual({ state: 1, reason: 0 });
    expect(waiting.length).toBe(4);
    waiting.shift()?.();
    while (waiting.length < 4) await sleep(1);
    for (const answer of waiting) answer();
    expect(await fifth).toEqual({ xml: "<domain/>" });
    expect(fake.accepted).toBe(1);
  });

  test("quick calls are bounded too", async () => {
    const fake = await start({ domainGetState: () => sleep(5, { state: 1, reason: 0 }) });
    const libvirt = client(fake);
    await Promise.all(Array.from({ length: 100 }, () => libvirt.call("domainGetState", { domain })));
    expect(fake.connections[0]?.maxInFlight).toBe(16);
  });

  test("stuck agents do not hold up other calls", async () => {
    const fake = await start({ domainAgentCommand: never, domainGetState: () => ({ state: 1, reason: 0 }) });
    const libvirt = client(fake);
    const stuck = Array.from({ length: 20 }, () =>
      failureOf(
        libvirt.call("domainAgentCommand", { domain, command: "{}", timeout: -2 }, { deadlineMs: 200 }),
      ),
    );
    expect(await libvirt.call("domainGetState", { domain }, { deadlineMs: 150 })).toEqual({
      state: 1,
      reason: 0,
    });
    await Promise.all(stuck);
    expect(fake.accepted).toBe(2);
  });
});

describe("faults", () => {
  test("killed: calls under way fail, the next one reconnects", async () => {
    const fake = await start({ domainGetState: never, connectGetHostname: () => ({ hostname: "h" }) });
    const libvirt = client(fake);
    const stuck = failureOf(libvirt.call("domainGetState", { domain }));
    await libvirt.call("connectGetHostname", {});
    await fake.kill();
    expect(await stuck).toMatchObject({
      name: "LibvirtUnreachable",
      sent: "maybe",
      message: "domainGetState: libvirtd closed the connection",
    });
    expect(await failureOf(libvirt.call("connectGetHostname", {}))).toMatchObject({
      name: "LibvirtUnreachable",
      sent: "no",
    });
    await fake.start();
    expect(await libvirt.call("connectGetHostname", {})).toEqual({ hostname: "h" });
  });

  test("frozen: noticed by silence", async () => {
    const fake = await start({ connectGetHostname: () => ({ hostname: "h" }) });
    const libvirt = client(fake, { keepAliveMs: 30 });
    await libvirt.call("connectGetHostname", {});
    fake.freeze();
    expect(await failureOf(libvirt.call("connectGetHostname", {}))).toMatchObject({
      sent: "maybe",
      message: "connectGetHostname: libvirtd has not answered for 120 ms",
    });
    fake.thaw();
    expect(await libvirt.call("connectGetHostname", {})).toEqual({ hostname: "h" });
  });

  test("asked whether it is there, it answers", async () => {
    const fake = await start({});
    await client(fake).call("connectGetLibVersion", {});
    const [connection] = fake.connections;
    connection?.ping();
    while (connection?.pongs === 0) await sleep(1);
    expect(connection?.pongs).toBe(1);
  });

  test("slow: not taken for frozen", async () => {
    const fake = await start({ connectGetHostname: () => sleep(300, { hostname: "h" }) });
    const libvirt = client(fake, { keepAliveMs: 30 });
    expect(await libvirt.call("connectGetHostname", {})).toEqual({ hostname: "h" });
  });

  test.each([
    ["garbage", "48656c6c6f20776f726c64", /this is not libvirt's protocol: it begins with "Hello world"/],
    [
      "an answer to no call",
      "0000001c20008086000000010000003b000000010000270f00000000",
      /answered call 9999/,
    ],
    [
      "a hostile answer",
      "0000002020008086000000010000003b000000010000000300000000ffffffff",
      /hostname: 4294967295 bytes/,
    ],
    ["an unasked type", "0000001c20008086000000010000003b000000060000000300000000", /message of type "hole"/],
  ])("%s", async (_, hex, message) => {
    const fake = await start({ connectGetHostname: never });
    const libvirt = client(fake);
    const stuck = failureOf(libvirt.call("connectGetHostname", {}));
    while (!fake.calls.includes("connectGetHostname")) await sleep(1);
    fake.connections[0]?.sendRaw(Buffer.from(hex, "hex"));
    const error = await stuck;
    expect(error).toBeInstanceOf(LibvirtProtocolError);
    expect(error.message).toMatch(message);
  });

  test("a login that this client does not have", async () => {
    const fake = await start({ authList: () => ({ types: [1] }) });
    const error = await failureOf(connectLibvirt({ uri: fake.uri }));
    expect(error).toBeInstanceOf(LibvirtAuthError);
    expect(error.message).toMatch(/asks for a SASL login/);
  });

  test("polkit is asked where libvirtd wants it", async () => {
    const fake = await start({ authList: () => ({ types: [2] }), authPolkit: () => ({ complete: true }) });
    await client(fake).call("connectGetLibVersion", {});
    expect(fake.calls.slice(0, 2)).toEqual(["authList", "authPolkit"]);
  });

  test("an unreachable libvirtd is not tried without pause", async () => {
    const libvirt = new Libvirt({ uri: "qemu+unix:///system?socket=/nowhere/sock" });
    closers.push(() => libvirt.close());
    const startedAt = Date.now();
    for (let i = 0; i < 3; i++) await failureOf(libvirt.call("connectGetHostname", {}));
    expect(Date.now() - startedAt).toBeGreaterThan(550);
  });
});

test("closing fails what is under way and what comes later", async () => {
  const fake = await start({ domainGetState: never });
  const libvirt = client(fake);
  const stuck = failureOf(libvirt.call("domainGetState", { domain }));
  while (!fake.calls.includes("domainGetState")) await sleep(1);
  libvirt.close();
  expect((await stuck).message).toBe("domainGetState: the client was closed");
  expect((await failureOf(libvirt.call("domainGetState", { domain }))).message).toBe("the client was closed");
});
