import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Tristate } from "@virtrigaud/proto";
import { connectLibvirt, Libvirt, LibvirtUnreachable } from "../client/index.ts";
import type { ProbedFacts } from "../mapping/host-facts.ts";
import { hostReport } from "../mapping/hosts.ts";
import { testdata } from "../mapping/testing/testdata.ts";
import { type FakeHost, type FakeHostAnswers, startFakeHost } from "../testing/fake-host.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { type Accel, probeHost } from "./probe-host.ts";
import { readMemory } from "./read-memory.ts";

const never = { signal: new AbortController().signal };
/** Where no files can be read, so that only the fake's answers count. */
const tls = "qemu+tls://fake-1/system";
const gib = 1024 ** 3;

const intel = {
  capabilities: testdata("capabilities-intel.xml"),
  domainCapabilities: testdata("domcaps-kvm-intel.xml"),
  expandedCpu: "<cpu><model>Skylake</model><feature policy='require' name='vmx'/></cpu>",
};
const amd = {
  capabilities: testdata("capabilities-amd.xml"),
  domainCapabilities: testdata("domcaps-kvm-amd.xml"),
  expandedCpu: "<cpu><model>EPYC</model><feature policy='require' name='svm'/></cpu>",
};
const booting = { afterMs: 1_000 };

let host: FakeHost;
let libvirt: Libvirt;
async function probe(answers: FakeHostAnswers, accel: Accel = "auto"): Promise<ProbedFacts> {
  host = await startFakeHost(answers);
  libvirt = new Libvirt({ uri: host.fake.uri });
  return probeHost(libvirt, { accel, uri: tls }, never);
}
afterEach(async () => {
  libvirt?.close();
  await host?.fake.stop();
});

/** The facts that the answers decide, with their reading left to the mapping's tests. */
const essence = ({ accel, domain, cpuFeatures, readings, notes, privileged }: ProbedFacts) => ({
  accel,
  vendor: domain.hostModel?.vendor,
  features: cpuFeatures && [...cpuFeatures],
  kvmBoots: readings.kvmBoots,
  privileged,
  notes,
});

describe("a host by its answers", () => {
  test("all of them", async () => {
    const facts = await probe({ ...intel, guestsEnd: booting });
    const { host: capable, domain, cpuFeatures, ...others } = facts;
    expect(others).toEqual({
      name: "fake-1",
      accel: "kvm",
      libvirtVersion: 10_000_000,
      hypervisorVersion: 8_002_000,
      privileged: true,
      node: { cpus: 16, coreMhz: 2400, threadsPerCore: 2, memoryBytes: 64 * gib },
      readings: { kvmBoots: true },
      notes: ["accel kvm: a canary guest ran under it"],
    });
    expect([capable.cpuVendor, domain.hostModel?.vendor, [...(cpuFeatures ?? [])]]).toEqual([
      "Intel",
      "Intel",
      ["vmx"],
    ]);
    // Name, versions, node, memory, domains; capabilities, domain capabilities, expansion; the canary's start and its end.
    expect(
      host.fake.calls.filter((name) => /^(connect|node|domain)(?!Open|Supports|DomainEvent)/.test(name)),
    ).toHaveLength(11);
  });

  test.each<[string, FakeHostAnswers, Accel, ReturnType<typeof essence>]>([
    [
      "AMD",
      { ...amd, guestsEnd: booting },
      "auto",
      {
        accel: "kvm",
        vendor: "AMD",
        features: ["svm"],
        kvmBoots: true,
        privileged: true,
        notes: ["accel kvm: a canary guest ran under it"],
      },
    ],
    [
      "KVM under which nothing runs",
      { ...amd, domainCapabilities: testdata("domcaps-tcg-libvirt9.xml"), guestsEnd: { afterMs: 10 } },
      "auto",
      {
        accel: "tcg",
        vendor: "AMD",
        features: ["svm"],
        kvmBoots: false,
        privileged: true,
        notes: [
          expect.stringMatching(/^accel tcg: a canary guest failed under KVM: it reset itself/) as never,
        ],
      },
    ],
    [
      "the operator's tcg",
      { ...intel },
      "tcg",
      {
        accel: "tcg",
        vendor: "Intel",
        features: ["vmx"],
        kvmBoots: undefined,
        privileged: true,
        notes: ["accel tcg: set by Provider.spec.accel"],
      },
    ],
    [
      "an unprivileged libvirtd without KVM",
      {
        capabilities: testdata("capabilities-libvirt9.xml"),
        domainCapabilities: testdata("domcaps-tcg-libvirt9.xml"),
      },
      "auto",
      {
        accel: "tcg",
        vendor: "AMD",
        features: undefined,
        kvmBoots: undefined,
        privileged: false,
        notes: [
          "accel tcg: libvirt offers no KVM",
          expect.stringMatching(/^not told: connectBaselineHypervisorCpu: this libvirtd is too old/) as never,
        ],
      },
    ],
    [
      "libvirt 1.2.13, which tells next to nothing",
      { capabilities: intel.capabilities, libvirtVersion: 1_002_013n },
      "kvm",
      {
        accel: "kvm",
        vendor: undefined,
        features: undefined,
        kvmBoots: undefined,
        privileged: true,
        notes: [
          "accel kvm: set by Provider.spec.accel",
          expect.stringMatching(/^not told: connectGetDomainCapabilities: this libvirtd is too old/) as never,
        ],
      },
    ],
  ])("%s", async (_, answers, accel, expected) => {
    expect(essence(await probe(answers, accel))).toEqual(expected);
    expect([...host.running]).toEqual([]);
  });

  test("another architecture without QEMU for x86_64 is asked nothing more, and cannot nest", async () => {
    const capabilities =
      "<capabilities><host><cpu><arch>aarch64</arch></cpu></host><guest><arch name='aarch64'><domain type='kvm'/></arch></guest></capabilities>";
    const facts = await probe({ capabilities });
    expect(host.fake.calls).not.toContain("connectGetDomainCapabilities");
    expect(
      hostReport({ ...facts, reserved: { cpuMhz: 0, memoryBytes: 0 }, pinnedCpus: new Set() }),
    ).toMatchObject({
      available: Tristate.FALSE,
      nestedVirtualization: Tristate.FALSE,
      remedy: expect.arrayContaining(["use an x86_64 host: vmx and svm exist nowhere else"]),
    });
  });

  test("a libvirtd that goes away is no libvirtd that cannot tell", async () => {
    const more: FakeHostAnswers["more"] = {
      connectGetDomainCapabilities: async () => {
        await host.fake.kill();
        return { capabilities: "" };
      },
    };
    await expect(probe({ ...intel, more }, "kvm")).rejects.toBeInstanceOf(LibvirtUnreachable);
  });

  test("a libvirtd that hangs fails within the caller's patience, others within the client's", async () => {
    await probe({ ...intel, guestsEnd: booting });
    host.fake.freeze();
    const impatient = { signal: AbortSignal.timeout(200) };
    const given = probeHost(libvirt, { accel: "tcg", uri: tls }, impatient);
    await expect(given).rejects.toMatchObject({ name: "TimeoutError" });
    await host.fake.kill();
    await expect(probeHost(libvirt, { accel: "tcg", uri: tls }, never)).rejects.toBeInstanceOf(
      LibvirtUnreachable,
    );
  });
});

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? describe : describe.skip)(`a real host ${reason ?? ""}`, () => {
  let real: Libvirt;
  beforeAll(async () => {
    real = await connectLibvirt({ uri: daemon().uri });
  });
  afterAll(() => real.close());

  test("tells all that a report needs, and is left as it was", async () => {
    const facts = await probeHost(real, { accel: "tcg", uri: daemon().uri }, never);
    expect(facts).toMatchObject({
      name: (await real.call("connectGetHostname", {})).hostname,
      accel: "tcg",
      privileged: false,
      domain: { arch: "x86_64", machine: expect.stringMatching(/^pc-q35/), hostModel: { vendor: "AMD" } },
      notes: ["accel tcg: set by Provider.spec.accel"],
    });
    expect(facts.cpuFeatures?.has("svm")).toBe(true);
    expect(facts.readings.cpuFlags?.size).toBeGreaterThan(10);
    expect(facts.readings.devKvm).toEqual(expect.any(Boolean));
    const report = hostReport({ ...facts, reserved: { cpuMhz: 0, memoryBytes: 0 }, pinnedCpus: new Set() });
    expect(report).toMatchObject({
      available: Tristate.TRUE,
      nestedVirtualization: Tristate.TRUE,
      uefi: Tristate.TRUE,
    });
    expect((await real.call("connectListAllDomains", {})).domains).toEqual([]);
  }, 60_000);

  test("left to itself it takes KVM only where a guest ran under it", async () => {
    const {
      accel,
      host: capable,
      readings,
    } = await probeHost(real, { accel: "auto", uri: daemon().uri }, never);
    const flags = readings.cpuFlags ?? new Set();
    const canTry = capable.domainTypes.has("kvm") && (flags.has("vmx") || flags.has("svm"));
    expect(readings.kvmBoots).toEqual(canTry ? expect.any(Boolean) : undefined);
    expect(accel).toBe(readings.kvmBoots === true ? "kvm" : "tcg");
  }, 60_000);

  test("has less memory free than it has", async () => {
    const { totalBytes = 0, freeBytes = 0 } = (await readMemory(real, never)) ?? {};
    expect(freeBytes).toBeGreaterThan(0);
    expect(freeBytes).toBeLessThan(totalBytes);
  });
});
