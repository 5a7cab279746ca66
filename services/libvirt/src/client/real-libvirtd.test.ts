import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { ErrorCode, Lifecycle } from "../protocol/constants.ts";
import { BaselineCpu, DomainXml, Stats } from "../protocol/flags.ts";
import { byName } from "../protocol/typed-params.ts";
import type { Domain, StorageVol } from "../protocol/types.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { connectLibvirt, type Libvirt } from "./libvirt.ts";

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

const PATIENCE_MS = 60_000;
const domainXml = (name: string, devices = "") =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>` +
  `<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;

function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    (value) => Promise.reject(new Error(`did not fail: ${JSON.stringify(value)}`)),
    (error: Error) => error,
  );
}

(reason === undefined ? describe : describe.skip)(`a real libvirtd ${reason ?? ""}`, () => {
  let libvirt: Libvirt;
  beforeAll(async () => {
    libvirt = await connectLibvirt({ uri: daemon().uri });
  });
  afterAll(() => libvirt.close());

  async function define(name: string, devices?: string): Promise<Domain> {
    return (await libvirt.call("domainDefineXmlFlags", { xml: domainXml(name, devices) })).domain;
  }

  test("tells about the host", async () => {
    const info = await libvirt.call("nodeGetInfo", {});
    expect(info).toMatchObject({ model: process.arch === "x64" ? "x86_64" : expect.any(String) });
    expect(info.cpus).toBeGreaterThan(0);
    const { version } = await libvirt.call("connectGetLibVersion", {});
    expect(version).toBeGreaterThanOrEqual(1_002_013n);
    const { capabilities } = await libvirt.call("connectGetDomainCapabilities", {
      arch: "x86_64",
      machine: "q35",
    });
    expect(capabilities).toMatch(/^<domainCapabilities>/);
    const { count } = await libvirt.call("nodeGetMemoryStats", { count: 0, cell: -1 });
    const { stats } = await libvirt.call("nodeGetMemoryStats", { count, cell: -1 });
    expect(stats.map(({ field }) => field)).toEqual(["total", "free", "buffers", "cached"]);
    const { map, count: processors } = await libvirt.call("nodeGetCpuMap", { needMap: 1, needOnline: 1 });
    expect(map.length).toBe(Math.ceil(processors / 8));
    const { interfaces } = await libvirt.call("connectListAllInterfaces", {});
    const lo = interfaces.find(({ name }) => name === "lo");
    if (lo !== undefined) {
      expect((await libvirt.call("interfaceGetXmlDesc", { interface: lo })).xml).toMatch(
        /^<interface .*name='lo'/,
      );
    }
    expect(await libvirt.call("nodeDeviceLookupByName", { name: "computer" })).toEqual({
      device: { name: "computer" },
    });
  });

  test("expands the host's processor model", async () => {
    const machine = { arch: "x86_64", machine: "q35", virtType: "qemu" };
    const { capabilities } = await libvirt.call("connectGetDomainCapabilities", machine);
    const model = /<mode name='host-model'.*?>(.*?)<\/mode>/s.exec(capabilities)?.[1] ?? "";
    const { cpu } = await libvirt.call("connectBaselineHypervisorCpu", {
      ...machine,
      xmlCpus: [`<cpu mode='custom' match='exact'>${model}</cpu>`],
      flags: BaselineCpu.EXPAND_FEATURES,
    });
    expect(cpu).toMatch(/<feature policy='require' name='svm'\/>/);
  });

  test("refuses in its own words", async () => {
    expect(await failureOf(libvirt.call("domainLookupByName", { name: "nobody" }))).toMatchObject({
      name: "LibvirtError",
      procedure: "domainLookupByName",
      code: ErrorCode.NO_DOMAIN,
      domain: 10,
      level: 2,
      message: "domainLookupByName: Domain not found: no domain with matching name 'nobody'",
    });
    expect(await failureOf(libvirt.call("domainDefineXmlFlags", { xml: "<domain" }))).toMatchObject({
      code: ErrorCode.XML_DETAIL,
    });
  });

  test("a machine's life, as calls and as events", async () => {
    const controller = new AbortController();
    const events = libvirt.events({ signal: controller.signal })[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ kind: "resynchronise" });
    const heard = async (count: number) => {
      const lines: string[] = [];
      while (lines.length < count) {
        const { value } = await events.next();
        const isLife = value.kind === "lifecycle";
        // QEMU that is killed may or may not come to say that the guest went down.
        if (isLife && value.event === Lifecycle.SHUTDOWN) continue;
        lines.push(isLife ? `${value.domain.name} ${value.event}` : value.kind);
      }
      return lines;
    };

    const defined = await define("life");
    expect(defined).toMatchObject({ name: "life", id: -1 });
    const { domain } = await libvirt.call("domainCreateWithFlags", { domain: defined });
    expect(domain.id).toBeGreaterThan(0);
    expect(await libvirt.call("domainGetState", { domain })).toEqual({ state: 1, reason: 1 });
    await libvirt.call("domainSuspend", { domain });
    expect((await libvirt.call("domainGetState", { domain })).state).toBe(3);
    const { records } = await libvirt.call("connectGetAllDomainStats", {
      domains: [],
      stats: Stats.STATE | Stats.CPU_TOTAL | Stats.BALLOON,
    });
    const stats = byName(records.find((record) => record.domain.name === "life")?.params ?? []);
    expect(stats.get("state.state")).toBe(3);
    expect(stats.get("balloon.maximum")).toBe(65_536n);
    expect(await libvirt.call("domainGetJobInfo", { domain })).toMatchObject({ type: 0, dataTotal: 0n });
    await libvirt.call("domainReset", { domain });
    expect(await heard(5)).toEqual([
      `life ${Lifecycle.DEFINED}`,
      `life ${Lifecycle.RESUMED}`,
      `life ${Lifecycle.STARTED}`,
      `life ${Lifecycle.SUSPENDED}`,
      "reboot",
    ]);
    await libvirt.call("domainDestroyFlags", { domain });
    await libvirt.call("domainUndefineFlags", { domain });
    expect(await heard(2)).toEqual([`life ${Lifecycle.STOPPED}`, `life ${Lifecycle.UNDEFINED}`]);
    controller.abort();
  });

  test("metadata and snapshots", async () => {
    const { pool } = await libvirt.call("storagePoolLookupByName", { name: "default" });
    const { vol } = await libvirt.call("storageVolCreateXml", {
      pool,
      xml: "<volume><name>s.qcow2</name><capacity unit='MiB'>4</capacity><target><format type='qcow2'/></target></volume>",
    });
    const { path } = await libvirt.call("storageVolGetPath", { vol });
    const domain = await define(
      "kept",
      `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='vda' bus='virtio'/></disk>`,
    );
    const about = { domain, type: 2, uri: "urn:test:owner" };
    await libvirt.call("domainSetMetadata", { ...about, metadata: '<owner uid="1"/>', key: "t", flags: 2 });
    expect(await libvirt.call("domainGetMetadata", { ...about, flags: 2 })).toEqual({
      metadata: '<owner uid="1"/>',
    });
    await libvirt.call("domainSetMetadata", { ...about, flags: 2 });
    expect(await failureOf(libvirt.call("domainGetMetadata", { ...about, flags: 2 }))).toMatchObject({
      code: ErrorCode.NO_DOMAIN_METADATA,
    });

    const xml = "<domainsnapshot><name>first</name></domainsnapshot>";
    const { snapshot } = await libvirt.call("domainSnapshotCreateXml", { domain, xml });
    const { snapshots, count } = await libvirt.call("domainListAllSnapshots", { domain });
    expect({ snapshots, count }).toEqual({ snapshots: [snapshot], count: 1 });
    expect(snapshot).toEqual({ name: "first", domain });
    const second = await libvirt.call("domainSnapshotCreateXml", {
      domain,
      xml: xml.replace("first", "second"),
    });
    expect(await libvirt.call("domainSnapshotGetParent", { snapshot: second.snapshot })).toEqual({
      parent: snapshot,
    });
    await libvirt.call("domainSnapshotDelete", { snapshot: second.snapshot });
    await libvirt.call("domainRevertToSnapshot", { snapshot });
    await libvirt.call("domainSnapshotDelete", { snapshot });
    expect(await libvirt.call("domainHasCurrentSnapshot", { domain })).toEqual({ result: false });

    const { xml: inactive } = await libvirt.call("domainGetXmlDesc", { domain, flags: DomainXml.INACTIVE });
    expect(inactive).toContain(`<source file='${path}'/>`);
    await libvirt.call("domainUndefineFlags", { domain });
    const copy = await libvirt.call("storageVolCreateXmlFrom", {
      pool,
      xml: "<volume><name>copy.qcow2</name><capacity>0</capacity><target><format type='qcow2'/></target></volume>",
      source: vol,
    });
    expect((await libvirt.call("storageVolGetInfo", { vol: copy.vol })).capacity).toBe(4n * 2n ** 20n);
    await libvirt.call("storageVolDelete", { vol: copy.vol });
    await libvirt.call("storageVolDelete", { vol });
  });

  test("storage pools", async () => {
    const xml = `<pool type='dir'><name>more</name><target><path>${daemon().pool}/more</path></target></pool>`;
    const { pool } = await libvirt.call("storagePoolDefineXml", { xml });
    await libvirt.call("storagePoolBuild", { pool });
    await libvirt.call("storagePoolCreate", { pool });
    await libvirt.call("storagePoolRefresh", { pool });
    expect(await libvirt.call("storagePoolIsActive", { pool })).toEqual({ active: true });
    expect(await libvirt.call("storagePoolListAllVolumes", { pool })).toEqual({ vols: [], count: 0 });
    await libvirt.call("storagePoolDestroy", { pool });
    await libvirt.call("storagePoolUndefine", { pool });
    expect(await failureOf(libvirt.call("storagePoolLookupByUuid", { uuid: pool.uuid }))).toMatchObject({
      code: ErrorCode.NO_STORAGE_POOL,
    });
  });

  describe("volumes", () => {
    let vol: StorageVol;
    beforeEach(async () => {
      const { pool } = await libvirt.call("storagePoolLookupByName", { name: "default" });
      const xml =
        "<volume><name>up.img</name><capacity>0</capacity><target><format type='raw'/></target></volume>";
      vol = (await libvirt.call("storageVolCreateXml", { pool, xml })).vol;
    });
    const digest = (pieces: Iterable<Uint8Array>) => {
      const hash = createHash("sha256");
      for (const piece of pieces) hash.update(piece);
      return hash.digest("hex");
    };

    test("what was uploaded is downloaded", async () => {
      const pieces = Array.from({ length: 33 }, (_, i) => randomBytes(1_000_003 + i));
      await libvirt.upload(vol, pieces);
      const back: Uint8Array[] = [];
      for await (const piece of libvirt.download(vol)) back.push(piece);
      expect(digest(back)).toBe(digest(pieces));
      const part: Uint8Array[] = [];
      for await (const piece of libvirt.download(vol, { offset: 7n, length: 9n })) part.push(piece);
      expect(Buffer.concat(part)).toEqual(pieces[0]?.subarray(7, 16));
      await libvirt.call("storageVolDelete", { vol });
    });

    test("an aborted upload's volume can be deleted at once", async () => {
      const controller = new AbortController();
      const source = async function* () {
        for (let i = 0; ; i++) {
          yield randomBytes(2 ** 20);
          if (i === 20) controller.abort(new Error("enough"));
        }
      };
      await expect(libvirt.upload(vol, source(), { signal: controller.signal })).rejects.toThrow("enough");
      await libvirt.call("storageVolDelete", { vol });
    });

    test("a download that is left can be followed by a deletion", async () => {
      await libvirt.upload(vol, [Buffer.alloc(50 * 2 ** 20)]);
      for await (const piece of libvirt.download(vol)) if (piece.length > 0) break;
      await libvirt.call("storageVolDelete", { vol });
    });
  });

  test("frozen: deadlines hold, and afterwards all is well", async () => {
    daemon().freeze();
    const startedAt = Date.now();
    const failure = await failureOf(libvirt.call("connectGetHostname", {}, { deadlineMs: 300 }));
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect(failure).toMatchObject({ name: "LibvirtUnreachable", sent: "maybe" });
    daemon().thaw();
    await libvirt.call("connectGetHostname", {});
  });

  test(
    "killed and restarted: calls fail as unreachable, readers are told, machines run on",
    async () => {
      const { domain } = await libvirt.call("domainCreateWithFlags", { domain: await define("survivor") });
      const controller = new AbortController();
      const events = libvirt.events({ signal: controller.signal })[Symbol.asyncIterator]();
      expect((await events.next()).value).toEqual({ kind: "resynchronise" });
      await daemon().kill();
      expect(await failureOf(libvirt.call("domainGetState", { domain }))).toMatchObject({
        name: "LibvirtUnreachable",
      });
      await daemon().restart();
      // Late ones of the start may come before.
      while ((await events.next()).value.kind !== "resynchronise");
      expect(await libvirt.call("domainGetState", { domain })).toMatchObject({ state: 1 });
      await libvirt.call("domainDestroyFlags", { domain });
      expect((await events.next()).value).toMatchObject({ kind: "lifecycle", event: Lifecycle.SHUTDOWN });
      await libvirt.call("domainUndefineFlags", { domain });
      controller.abort();
    },
    PATIENCE_MS,
  );
});
