import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { connectLibvirt, ErrorCode, Libvirt, StoppedDetail } from "../client/index.ts";
import { type FakeHost, type FakeHostAnswers, startFakeHost } from "../testing/fake-host.ts";
import { FakeRefusal } from "../testing/fake-refusal.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { flyCanary } from "./canary.ts";
import { bootMs, canaryXml } from "./canary-xml.ts";
import { removeLeftovers } from "./leftovers.ts";

const never = { signal: new AbortController().signal };
const patienceMs = 3_000;

describe("a canary, as libvirtd tells of it", () => {
  let host: FakeHost;
  let libvirt: Libvirt;
  async function start(more: Partial<FakeHostAnswers>): Promise<void> {
    host = await startFakeHost({ capabilities: "", ...more });
    libvirt = new Libvirt({ uri: host.fake.uri });
  }
  afterEach(async () => {
    libvirt.close();
    await host.fake.stop();
  });

  test.each<[string, Partial<FakeHostAnswers>, unknown]>([
    ["its BIOS resets it after the wait", { guestsEnd: { afterMs: bootMs } }, { boots: true }],
    [
      "it resets itself at once",
      { guestsEnd: { afterMs: 20 } },
      { boots: false, why: expect.stringMatching(/^it reset itself after \d+ ms, in its BIOS$/) },
    ],
    [
      "QEMU crashes later",
      { guestsEnd: { afterMs: bootMs, detail: StoppedDetail.FAILED } },
      { boots: false, why: "QEMU ended without the guest's doing" },
    ],
    ["it hangs", {}, { boots: false, why: "it was still in its BIOS after 3 s" }],
    [
      "QEMU does not start",
      {
        more: {
          domainCreateXml: () =>
            refuse(ErrorCode.INTERNAL_ERROR, "failed to initialize kvm:\n  Permission denied"),
        },
      },
      {
        boots: false,
        why: "libvirt could not start it: domainCreateXml: failed to initialize kvm: Permission denied",
      },
    ],
  ])("%s", async (_, more, expected) => {
    await start(more);
    expect(await flyCanary(libvirt, { type: "kvm", patienceMs }, never)).toEqual(expected);
    expect([...host.running]).toEqual([]);
  });

  test("an account that may not start guests is an error, not a verdict", async () => {
    await start({ more: { domainCreateXml: () => refuse(ErrorCode.ACCESS_DENIED, "access denied") } });
    await expect(flyCanary(libvirt, { type: "kvm" }, never)).rejects.toThrow("access denied");
  });

  test("one that somebody else ends is not judged", async () => {
    await start({ guestsEnd: { afterMs: bootMs, detail: StoppedDetail.DESTROYED } });
    await expect(flyCanary(libvirt, { type: "kvm" }, never)).rejects.toMatchObject({
      reason: "CANARY_DISTURBED",
    });
  });

  test("one whose end may have been missed is not judged, and not left", async () => {
    await start({});
    const verdict = flyCanary(libvirt, { type: "kvm" }, never);
    while (host.running.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await host.fake.kill();
    await host.fake.start();
    await expect(verdict).rejects.toMatchObject({ reason: "CANARY_DISTURBED" });
    expect([...host.running]).toEqual([]);
  });

  test("whoever gives up leaves none", async () => {
    await start({});
    const giveUp = new AbortController();
    const verdict = flyCanary(libvirt, { type: "kvm" }, giveUp);
    while (host.running.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    giveUp.abort(new Error("gone"));
    await expect(verdict).rejects.toThrow("gone");
    expect([...host.running]).toEqual([]);
  });

  test("leftovers are those with our name, our stamp and some age", async () => {
    await start({});
    const old = Date.now() - 3_600_000;
    const foreign = "<domain><name>virtrigaud-canary-x</name><uuid>foreign</uuid></domain>";
    const xmls: Record<string, string> = {
      "00000000-0000-4000-8000-000000000001": canaryXml("kvm", "00000000-0000-4000-8000-000000000001", old),
      "00000000-0000-4000-8000-000000000002": canaryXml(
        "kvm",
        "00000000-0000-4000-8000-000000000002",
        Date.now(),
      ),
      "00000000-0000-4000-8000-000000000003": foreign,
      "00000000-0000-4000-8000-000000000004": canaryXml("kvm", "x", old).replace("virtrigaud-canary-", "vm-"),
    };
    for (const [uuid, xml] of Object.entries(xmls)) host.running.set(uuid, xml);
    await removeLeftovers(libvirt, never);
    expect([...host.running.keys()].map((uuid) => Number(uuid.at(-1)))).toEqual([2, 3, 4]);
  });
});

function refuse(code: number, message: string): never {
  throw new FakeRefusal(code, message);
}

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? describe : describe.skip)(`a canary under a real libvirtd ${reason ?? ""}`, () => {
  let libvirt: Libvirt;
  beforeAll(async () => {
    libvirt = await connectLibvirt({ uri: daemon().uri });
  });
  afterAll(() => libvirt.close());
  const names = async () => (await libvirt.call("connectListAllDomains", {})).domains.map(({ name }) => name);

  test("runs, ends by itself and is gone", async () => {
    expect(await flyCanary(libvirt, { type: "qemu", patienceMs: 20_000 }, never)).toEqual({ boots: true });
    expect(await names()).toEqual([]);
  }, 60_000);

  test("is ended when it takes too long", async () => {
    expect(await flyCanary(libvirt, { type: "qemu", patienceMs: 100 }, never)).toEqual({
      boots: false,
      why: "it was still in its BIOS after 0.1 s",
    });
    expect(await names()).toEqual([]);
  }, 60_000);

  test("is refused where there is no KVM for libvirtd", async () => {
    const { capabilities } = await libvirt.call("connectGetCapabilities", {});
    if (capabilities.includes("<domain type='kvm'")) return;
    expect(await flyCanary(libvirt, { type: "kvm" }, never)).toMatchObject({
      boots: false,
      why: expect.stringMatching(/^libvirt could not start it: .*kvm/i),
    });
  }, 60_000);

  test("that a killed daemon left is removed by the next probe", async () => {
    const uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    // It stays while its guest waits for longer than the test takes.
    const xml = canaryXml("qemu", uuid, Date.now() - 3_600_000).replace(
      'rebootTimeout="1000"',
      'rebootTimeout="60000"',
    );
    await libvirt.call("domainCreateXml", { xml });
    expect(await names()).toEqual([`virtrigaud-canary-${uuid}`]);
    await removeLeftovers(libvirt, never);
    expect(await names()).toEqual([]);
  }, 60_000);
});
