import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import { agentAddresses } from "./addresses.ts";
import { Libvirt } from "./client/index.ts";
import { Inventory } from "./inventory.ts";
import { foundOf } from "./inventory/known.ts";
import type { SyncOptions } from "./inventory/sync.ts";
import { textOf } from "./mapping/xml.ts";
import { AgentReason, AgentState, ErrorCode, Lifecycle } from "./protocol/constants.ts";
import type { Answers } from "./testing/fake-libvirtd.ts";
import { FakeDomains } from "./testing/fake-domains.ts";
import { FakeRefusal } from "./testing/fake-refusal.ts";
import { readDomain } from "./read-domain.ts";
import { readStats } from "./stats.ts";

const never = () => new Promise<never>(() => {});
const agentChannel = (state: string) =>
  `<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='${state}'/></channel>`;
const networkCard = (mac: string) =>
  `<interface type='network'><mac address='${mac}'/><source network='default'/></interface>`;

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Setup {
  readonly host: FakeDomains;
  readonly libvirt: Libvirt;
  readonly inventory: Inventory;
}

async function setUp(answers: Answers = {}, options: SyncOptions = {}): Promise<Setup> {
  const host = await FakeDomains.start(answers);
  const libvirt = new Libvirt({ uri: host.fake.uri, keepAliveMs: 50 });
  const inventory = new Inventory(libvirt, options);
  closers.push(
    () => host.fake.stop(),
    () => libvirt.close(),
    () => inventory.close(),
  );
  return { host, libvirt, inventory };
}

const call = (ms = 10_000) => ({ signal: AbortSignal.timeout(ms) });

/** What the picture holds: "vm1 5", a name and a state. */
async function seen(inventory: Inventory): Promise<string[]> {
  return lines(await inventory.all(call()));
}

const lines = (all: Awaited<ReturnType<Inventory["all"]>>): string[] =>
  all.map(({ domain, run }) => `${domain.name} ${run.state}`).sort();

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

describe("what it costs", () => {
  test("1,000 domains are read once; a look at all of them is one call from then on", async () => {
    const { host, inventory } = await setUp();
    for (let number = 1; number <= 1000; number++) {
      const domain = host.define(number);
      if (number > 500) host.run(domain);
    }
    expect((await inventory.all(call(25_000))).length).toBe(1000);
    expect(host.newCalls()).toEqual({
      connectGetLibVersion: 2,
      connectListAllDomains: 1,
      connectGetAllDomainStats: 1,
      domainGetXmlDesc: 1500,
    });
    expect((await inventory.all(call())).length).toBe(1000);
    expect(host.newCalls()).toEqual({ connectGetLibVersion: 1 });
    await inventory.promised(call());
    await inventory.adoptedBy("nobody", call());
    expect(host.newCalls()).toEqual({});
  });

  test("the check of every minute is two calls, and reads what changed without a word", async () => {
    const { host, inventory } = await setUp({}, { checkMs: 100 });
    for (let number = 1; number <= 50; number++) host.define(number);
    const [quiet] = [...host.domains.values()];
    await seen(inventory);
    host.newCalls();
    await until(() => host.fake.calls.length >= 4);
    expect(host.newCalls()).toEqual({ connectListAllDomains: 2, connectGetAllDomainStats: 2 });
    Object.assign(quiet ?? {}, { vcpus: 8 });
    await until(() => host.fake.calls.includes("domainGetXmlDesc"));
    await until(() => inventory.journal.revision === 51);
    expect(host.newCalls()).toMatchObject({ domainGetXmlDesc: 1 });
    Object.assign(quiet ?? {}, { state: 1, id: 99 });
    await until(() => inventory.journal.revision === 52);
    expect(await seen(inventory)).toContain("vm1 1");
    host.domains.delete(quiet?.uuid ?? "");
    await until(() => inventory.journal.revision === 53);
    expect((await seen(inventory)).length).toBe(49);
  });

  test("a storm of events of one domain is one read each moment, and the last word counts", async () => {
    const { host, inventory } = await setUp();
    const domain = host.define(1);
    await seen(inventory);
    host.newCalls();
    for (let i = 0; i < 300; i++) {
      host.run(domain);
      host.tell(domain, Lifecycle.SUSPENDED);
      host.tell(domain, Lifecycle.RESUMED);
    }
    host.tell(domain, Lifecycle.SUSPENDED);
    await sleep(300);
    expect(await seen(inventory)).toEqual(["vm1 3"]);
    expect(host.newCalls().domainGetXmlDesc).toBeLessThanOrEqual(3);
  });

  test("defining costs no read beside the definer's own, starting one", async () => {
    const { host, inventory, libvirt } = await setUp();
    await seen(inventory);
    host.newCalls();
    // The event comes before what the definer reads, which was asked before the event came.
    const domain = host.define(1);
    const handle = { uuid: domain.uuid, name: domain.name, id: -1 };
    const found = await readDomain(libvirt, handle, call(), "basic");
    if (found !== undefined) inventory.note({ ...found, readAt: 0 });
    await sleep(200);
    expect(host.newCalls()).toEqual({ domainGetState: 1, domainGetXmlDesc: 1, domainHasManagedSaveImage: 1 });
    expect(lines([...inventory.present])).toEqual(["vm1 5"]);

    const agent = { state: AgentState.DISCONNECTED, reason: AgentReason.DOMAIN_STARTED };
    host.emit({ kind: "agent", domain: handle, ...agent });
    await sleep(100);
    host.tell(domain, Lifecycle.RESUMED);
    host.run(domain);
    await until(() => host.fake.calls.length > 0);
    await sleep(200);
    expect(host.newCalls()).toEqual({ domainGetXmlDesc: 1 });
    expect(lines([...inventory.present])).toEqual(["vm1 1"]);
  });

  test("a read that began after an event stands for the picture's own", async () => {
    const { host, inventory, libvirt } = await setUp();
    const domain = host.define(1);
    await seen(inventory);
    const { revision } = inventory.journal;
    host.newCalls();
    domain.vcpus = 4;
    host.tell(domain, Lifecycle.DEFINED);
    await libvirt.call("connectGetLibVersion", {});
    const found = await readDomain(libvirt, { ...domain }, call(), "basic");
    if (found !== undefined) inventory.note(found);
    expect(inventory.journal.revision).toBe(revision + 1);
    await sleep(200);
    expect(host.newCalls().domainGetXmlDesc).toBe(1);
  });

  test("one that began before it does not", async () => {
    const { host, inventory, libvirt } = await setUp();
    const domain = host.define(1);
    await seen(inventory);
    const old = await readDomain(libvirt, { ...domain }, call(), "basic");
    domain.vcpus = 4;
    host.tell(domain, Lifecycle.DEFINED);
    await libvirt.call("connectGetLibVersion", {});
    if (old !== undefined) inventory.note(old);
    const [known] = await inventory.all(call());
    expect(known && textOf(foundOf(known).stored, "vcpu")).toBe("4");
  });
});

describe("what happens to a domain", () => {
  test("shows in the next look, whatever it is", async () => {
    const { host, inventory } = await setUp();
    const looks: string[][] = [];
    const look = async () => looks.push(await seen(inventory));
    await look();
    const [one, two] = [host.define(1), host.define(2)];
    await look();
    host.run(one);
    await look();
    host.tell(Object.assign(one, { state: 3 }), Lifecycle.SUSPENDED);
    await look();
    host.tell(Object.assign(one, { state: 1 }), Lifecycle.RESUMED);
    await look();
    host.tell(Object.assign(one, { state: 7 }), Lifecycle.PM_SUSPENDED);
    await look();
    host.halt(one);
    host.remove(two);
    await look();
    host.tell(Object.assign(one, { name: "renamed" }), Lifecycle.DEFINED, 2);
    await look();
    expect(looks).toEqual([
      [],
      ["vm1 5", "vm2 5"],
      ["vm1 1", "vm2 5"],
      ["vm1 3", "vm2 5"],
      ["vm1 1", "vm2 5"],
      ["vm1 7", "vm2 5"],
      ["vm1 5"],
      ["renamed 5"],
    ]);
  });

  test("memory that went to disk is told from memory that is gone", async () => {
    const { host, inventory } = await setUp();
    const [one, two] = [host.define(1), host.define(2)];
    host.run(one);
    host.run(two);
    await seen(inventory);
    for (const domain of [one, two]) Object.assign(domain, { state: 5, id: -1 });
    one.hasManagedSave = true;
    host.tell(one, Lifecycle.STOPPED, 4);
    host.tell(two, Lifecycle.STOPPED, 4);
    await seen(inventory);
    expect([one, two].map(({ uuid }) => inventory.get(uuid)?.run.hasManagedSave)).toEqual([true, false]);
  });

  test("markers, devices and disks that change without a lifecycle", async () => {
    const { host, inventory } = await setUp();
    const domain = host.define(1);
    await seen(inventory);
    const handle = { uuid: domain.uuid, name: domain.name, id: -1 };
    domain.metadata = domain.metadata.replace("controller='c'", "controller='d'");
    host.emit({ kind: "metadata", domain: handle, type: 2, uri: "https://virtrigaud.io/libvirt/1" });
    await seen(inventory);
    expect(inventory.get(domain.uuid)?.stored.owner?.controllerId).toBe("d");
    for (const event of [
      { kind: "deviceAdded", domain: handle, alias: "net1" },
      { kind: "deviceRemoved", domain: handle, alias: "net1" },
      { kind: "blockJob", domain: handle, disk: "vda", type: 2, status: 0 },
    ] as const) {
      const { revision } = inventory.journal;
      domain.devices += networkCard(`52:54:00:00:00:0${revision}`);
      host.emit(event);
      await seen(inventory);
      expect([event.kind, inventory.journal.revision]).toEqual([event.kind, revision + 1]);
    }
    host.emit({ kind: "reboot", domain: handle });
    await sleep(150);
    expect(inventory.journal.revision).toBe(5);
  });
});

describe("owners and promises", () => {
  const owned = (uid: string, spec: object) =>
    `<v:vm xmlns:v='https://virtrigaud.io/libvirt/1' uid='${uid}' fingerprint='f' controller='c'><v:spec>${JSON.stringify(spec)}</v:spec></v:vm>`;

  test("a domain is found by its owner's uid, where that is not its UUID", async () => {
    const { host, inventory } = await setUp();
    const adopted = host.define(1, { metadata: owned("uid-1", {}) });
    const own = host.define(2);
    expect(await inventory.adoptedBy("uid-1", call())).toEqual({ uuid: adopted.uuid, name: "vm1", id: -1 });
    expect(await inventory.adoptedBy(own.uuid, call())).toBeUndefined();
    expect(await inventory.adoptedBy("nobody", call())).toBeUndefined();
  });

  test("what other VMs of ours have for themselves", async () => {
    const { host, inventory } = await setUp();
    const GiB = 1024 ** 3;
    const reserving = {
      cpuAllocation: { reservationMhz: 4000 },
      memoryAllocation: { reservationBytes: String(GiB) },
    };
    const whole = { cpus: 2, memoryBytes: String(2 * GiB), latencySensitivity: "LATENCY_SENSITIVITY_HIGH" };
    const pins = "<cputune><vcpupin vcpu='0' cpuset='2-3'/><emulatorpin cpuset='0-1,4-15'/></cputune>";
    host.define(1, { metadata: owned("a", reserving) });
    host.define(2, { metadata: `${owned("b", whole)}</metadata>${pins}<metadata>` });
    host.define(3, { metadata: owned("c", { cpus: 8 }) });
    host.define(4, { metadata: `</metadata>${pins}<metadata>` });
    expect(await inventory.promised(call(), { coreMhz: 3000 })).toEqual({
      reserved: { cpuMhz: 4000 + 2 * 3000, memoryBytes: 3 * GiB },
      pinnedCpus: new Set([2, 3]),
    });
    expect(await inventory.promised(call(), { except: "b" })).toEqual({
      reserved: { cpuMhz: 4000, memoryBytes: GiB },
      pinnedCpus: new Set(),
    });
  });
});

describe("guests' addresses", () => {
  const interfaces = (address: string, name = "br0") => ({
    interfaces: [{ name, mac: "52:54:00:00:00:01", addresses: [{ type: 0, address, prefix: 24 }] }],
  });
  const known = (inventory: Inventory) => inventory.present.map(({ reports }) => reports);

  test("by the agent when it comes", async () => {
    const { host, inventory } = await setUp({ domainInterfaceAddresses: () => interfaces("192.0.2.7") });
    const domain = host.define(1, { devices: agentChannel("disconnected") });
    host.run(domain);
    await seen(inventory);
    expect(known(inventory)).toEqual([{}]);
    domain.devices = agentChannel("connected");
    const { uuid, name, id } = domain;
    host.emit({ kind: "agent", domain: { uuid, name, id }, state: AgentState.CONNECTED, reason: 2 });
    await until(() => known(inventory)[0]?.agent !== undefined);
    expect(known(inventory)).toEqual([
      { agent: [{ name: "br0", mac: "52:54:00:00:00:01", addresses: ["192.0.2.7"] }] },
    ]);
    host.newCalls();
    await sleep(1_200);
    expect(host.newCalls()).toEqual({});
  });

  test("again and again until there is one that others can reach", async () => {
    let asked = 0;
    const answer = () => interfaces(++asked < 3 ? "169.254.0.1" : "192.0.2.7");
    const { host, inventory } = await setUp({ domainInterfaceAddresses: answer });
    host.run(host.define(1, { devices: agentChannel("connected") }));
    await seen(inventory);
    await until(() => asked === 2);
    expect(asked).toBe(2);
    expect(known(inventory)[0]?.agent?.[0]?.addresses).toEqual(["169.254.0.1"]);
    await until(() => asked === 3);
    await until(() => known(inventory)[0]?.agent?.[0]?.addresses[0] === "192.0.2.7");
  });

  test("by leases, one call for the network whatever the number of guests; by ARP where that tells nothing", async () => {
    const arp = {
      interfaces: [{ name: "vnet0", mac: "52:54:00:00:00:02", addresses: [address("192.0.2.9")] }],
    };
    const { host, inventory } = await setUp({
      networkLookupByName: ({ name }) => ({
        network: { name, uuid: "00000000-0000-4000-8000-000000000000" },
      }),
      networkGetDhcpLeases: () => ({
        leases: [lease("52:54:00:00:00:01", "192.0.2.8", 0n), lease("52:54:00:00:00:02", "192.0.2.66", 1n)],
        count: 2,
      }),
      domainInterfaceAddresses: ({ source }) => (source === 2 ? arp : { interfaces: [] }),
    });
    for (const number of [1, 2])
      host.run(host.define(number, { devices: networkCard(`52:54:00:00:00:0${number}`) }));
    await seen(inventory);
    expect(known(inventory)).toEqual([
      { lease: [{ name: "", mac: "52:54:00:00:00:01", addresses: ["192.0.2.8"] }] },
      { lease: [], arp: [{ name: "", mac: "52:54:00:00:00:02", addresses: ["192.0.2.9"] }] },
    ]);
    expect(host.newCalls()).toMatchObject({
      networkLookupByName: 1,
      networkGetDhcpLeases: 1,
      domainInterfaceAddresses: 1,
    });
  });

  test("agents that hang hold up neither the picture for long nor those that answer", async () => {
    const { host, inventory, libvirt } = await setUp({
      domainInterfaceAddresses: ({ domain }) => (domain.name === "vm1" ? interfaces("192.0.2.1") : never()),
    });
    for (const number of [2, 3, 4, 5, 6, 1])
      host.run(host.define(number, { devices: agentChannel("connected") }));
    const startedAt = performance.now();
    expect((await seen(inventory)).length).toBe(6);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    const hung = [...host.domains.values()].find(({ name }) => name === "vm3");
    const read = performance.now();
    await readDomain(libvirt, { ...hung! }, call(), "basic");
    expect(performance.now() - read).toBeLessThan(1_500);
    expect(host.fake.calls.filter((name) => name === "domainInterfaceAddresses").length).toBeLessThanOrEqual(
      6,
    );
  });

  test("nothing is asked for a caller that is gone", async () => {
    const { host, libvirt } = await setUp({ domainInterfaceAddresses: never });
    const domain = { ...host.define(1), id: 1 };
    const gone = { signal: AbortSignal.abort(new Error("gone")) };
    await expect(agentAddresses(libvirt, domain, gone)).rejects.toThrow("gone");
    await expect(readStats(libvirt, [domain], gone)).rejects.toThrow("gone");
    await libvirt.call("connectGetLibVersion", {});
    expect(host.newCalls()).toEqual({ connectGetLibVersion: 1 });
  });

  test("what the agent told stays while it does not answer, until the guest stops", async () => {
    let isHanging = false;
    const { host, inventory, libvirt } = await setUp({
      domainInterfaceAddresses: () => (isHanging ? never() : interfaces("192.0.2.1")),
    });
    const domain = host.define(1, { devices: agentChannel("connected") });
    host.run(domain);
    await seen(inventory);
    isHanging = true;
    const read = await readDomain(libvirt, { ...domain }, call(), "basic");
    expect(read?.interfaces).toEqual([]);
    expect(read && inventory.note(read).interfaces.map(({ addresses }) => addresses)).toEqual([
      ["192.0.2.1"],
    ]);
    host.halt(domain);
    await seen(inventory);
    expect(known(inventory)).toEqual([{}]);
  });
});

const address = (text: string) => ({ type: 0, address: text, prefix: 24 });
const lease = (mac: string, text: string, expiry: bigint) => ({
  ...{ interface: "virbr0", expiry, type: 0, mac, iaid: undefined },
  ...{ address: text, prefix: 24, hostname: undefined, clientId: undefined },
});

describe("faults", () => {
  test("nobody is answered from an old picture, and nothing is lost", async () => {
    const { host, inventory } = await setUp();
    const [one, two] = [host.define(1), host.define(2)];
    expect(await seen(inventory)).toEqual(["vm1 5", "vm2 5"]);
    await host.fake.kill();
    for (const ask of [
      () => inventory.all(call()),
      () => inventory.promised(call()),
      () => inventory.adoptedBy("x", call()),
    ])
      await expect(ask()).rejects.toMatchObject({
        code: status.UNAVAILABLE,
        reason: "HYPERVISOR_UNREACHABLE",
        message: expect.stringContaining("reading the domains"),
      });
    host.remove(one);
    two.vcpus = 2;
    Object.assign(two, { state: 1, id: 7 });
    host.define(3);
    await host.fake.start();
    expect(await until(async () => (await inventory.all(call()).catch(() => [])).length > 0)).toBeUndefined();
    expect(await seen(inventory)).toEqual(["vm2 1", "vm3 5"]);
    expect(inventory.get(two.uuid)?.domain.id).toBe(7);
  });

  test("a libvirtd that is unreachable from the start", async () => {
    const { host, inventory } = await setUp();
    await host.fake.kill();
    await expect(inventory.all(call())).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await host.fake.start();
    await until(() =>
      inventory.all(call()).then(
        () => true,
        () => false,
      ),
    );
  });

  test("a frozen libvirtd: the caller's deadline holds, and afterwards all is well", async () => {
    const { host, inventory } = await setUp();
    const domain = host.define(1);
    await seen(inventory);
    host.fake.freeze();
    host.run(domain);
    await expect(inventory.all(call(150))).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(inventory.all(call())).rejects.toMatchObject({ code: status.UNAVAILABLE });
    host.fake.thaw();
    await until(() =>
      inventory.all(call()).then(
        (all) => all[0]?.run.state === 1,
        () => false,
      ),
    );
  });

  test("more events at once than anybody takes", async () => {
    const { host, inventory } = await setUp();
    for (let number = 1; number <= 20; number++) host.define(number);
    await seen(inventory);
    for (let i = 0; i < 100; i++) for (const domain of [...host.domains.values()]) host.run(domain);
    expect(new Set((await seen(inventory)).map((line) => line.split(" ")[1]))).toEqual(new Set(["1"]));
  });

  test("a domain that cannot be read keeps everybody from believing the picture, and is tried again", async () => {
    let refusals = 0;
    const { host, inventory } = await setUp();
    const domain = host.define(1);
    await seen(inventory);
    const whole = host.fake.answers.domainGetXmlDesc;
    Object.assign(host.fake.answers, {
      domainGetXmlDesc: (args: never) => {
        if (refusals++ < 1) throw new FakeRefusal(ErrorCode.INTERNAL_ERROR, "out of memory");
        return whole?.(args);
      },
    });
    domain.vcpus = 4;
    host.tell(domain, Lifecycle.DEFINED);
    await expect(inventory.all(call())).rejects.toMatchObject({
      message: expect.stringContaining("out of memory"),
    });
    expect(await seen(inventory)).toEqual(["vm1 5"]);
    expect(inventory.journal.revision).toBe(2);
  });

  test("a first read that fails is told to who waits, and tried again", async () => {
    const { host, inventory } = await setUp();
    host.define(1);
    const whole = host.fake.answers.domainGetXmlDesc;
    const refuse = () => {
      throw new FakeRefusal(ErrorCode.INTERNAL_ERROR, "out of memory");
    };
    Object.assign(host.fake.answers, { domainGetXmlDesc: refuse });
    await expect(inventory.all(call())).rejects.toMatchObject({
      message: expect.stringContaining("out of memory"),
    });
    Object.assign(host.fake.answers, { domainGetXmlDesc: whole });
    expect(await seen(inventory)).toEqual(["vm1 5"]);
  });

  test("a QEMU that hangs costs the counters, not the picture", async () => {
    const { host, inventory } = await setUp();
    const quick = host.fake.answers.connectGetAllDomainStats;
    let stuck = 0;
    Object.assign(host.fake.answers, {
      connectGetAllDomainStats: (args: { stats: number }) => {
        if ((args.stats & 4) === 0) return quick?.(args as never);
        stuck++;
        return never();
      },
    });
    host.run(host.define(1));
    expect(await seen(inventory)).toEqual(["vm1 1"]);
    expect(stuck).toBe(1);
  });
});

describe("an old libvirtd", () => {
  const refused = (code: number) => () => {
    throw new FakeRefusal(code, "not supported");
  };

  test("without bulk statistics: every domain is asked, at each check", async () => {
    const { host, inventory } = await setUp(
      { connectGetAllDomainStats: refused(ErrorCode.NO_SUPPORT) },
      { checkMs: 100 },
    );
    host.run(host.define(1));
    const off = host.define(2, { hasManagedSave: true });
    expect(await seen(inventory)).toEqual(["vm1 1", "vm2 5"]);
    expect(inventory.get(off.uuid)?.run.hasManagedSave).toBe(true);
    off.vcpus = 3;
    const { revision } = inventory.journal;
    await until(() => inventory.journal.revision > revision);
  });

  test("without flags for statistics", async () => {
    const { host, inventory } = await setUp();
    const plain = host.fake.answers.connectGetAllDomainStats;
    Object.assign(host.fake.answers, {
      connectGetAllDomainStats: (args: { flags?: number }) =>
        args.flags ? refused(ErrorCode.INVALID_ARG)() : plain?.(args as never),
    });
    host.define(1);
    expect(await seen(inventory)).toEqual(["vm1 5"]);
  });

  test("without events: everything is read at first", async () => {
    const { host, inventory } = await setUp({
      connectDomainEventCallbackRegisterAny: refused(ErrorCode.NO_SUPPORT),
    });
    host.define(1);
    expect(await seen(inventory)).toEqual(["vm1 5"]);
  });
});
