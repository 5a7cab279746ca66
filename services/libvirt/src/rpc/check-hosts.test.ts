import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  CpuVendor,
  type HostReport,
  type Operation,
  OperationState,
  Support,
  Tristate,
} from "@virtrigaud/proto";
import { connectLibvirt, Libvirt } from "../client/index.ts";
import { testdata } from "../mapping/testing/testdata.ts";
import { type FakeHost, startFakeHost } from "../testing/fake-host.ts";
import { anyCall, probedHost } from "../testing/probed-host.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { checkHosts } from "./check-hosts.ts";
import { getCapabilities } from "./get-capabilities.ts";

type Probed = ReturnType<typeof probedHost>;

async function check(host: Probed, hosts: string[] = []): Promise<Operation> {
  const { operation } = await checkHosts(host)({ hosts }, anyCall());
  if (operation === undefined) throw new Error("an answer without an operation");
  return operation;
}

async function ended(host: Probed, { name }: Operation): Promise<Operation> {
  while (host.jobs.get(name).state === OperationState.RUNNING)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return host.jobs.get(name);
}

const reports = ({ result }: Operation): HostReport[] =>
  result?.$case === "hosts" ? result.value.hosts : [];

describe("an Intel host with nesting switched off", () => {
  let fake: FakeHost;
  let host: Probed;
  async function start(): Promise<void> {
    fake = await startFakeHost({
      capabilities: testdata("capabilities-intel.xml"),
      domainCapabilities: testdata("domcaps-kvm-intel-flat.xml"),
      expandedCpu: "<cpu><model>Skylake</model><feature policy='require' name='ss'/></cpu>",
      guestsEnd: { afterMs: 1_000 },
      more: { nodeGetMemoryStats: () => ({ stats: memory, count: 4 }) },
    });
    // Over TLS, so that this machine's files do not speak for the fake.
    host = { ...probedHost(new Libvirt({ uri: fake.fake.uri }), "qemu+tls://fake-1/system") };
  }
  const memory = Object.entries({ total: 4096n, free: 1024n, buffers: 1n, cached: 2n }).map(
    ([field, value]) => ({ field, value }),
  );
  afterEach(async () => {
    await host.jobs.close();
    host.libvirt.close();
    await fake.fake.stop();
  });

  test("is reported with the way to switch it on", async () => {
    await start();
    const operation = await check(host, ["fake-1"]);
    expect(operation).toMatchObject({ description: "check hosts", state: OperationState.RUNNING });
    const done = await ended(host, operation);
    expect(done.state).toBe(OperationState.SUCCEEDED);
    expect(reports(done)).toEqual([
      {
        id: "fake-1",
        name: "fake-1",
        hypervisorVersion: "QEMU 8.2.0, libvirt 10.0.0",
        available: Tristate.TRUE,
        cpuVendor: CpuVendor.INTEL,
        cpuModel: "Skylake-Server-IBRS",
        hardwareVirtualization: Tristate.TRUE,
        nestedVirtualization: Tristate.FALSE,
        guestLevel: 1,
        uefi: Tristate.TRUE,
        secureBoot: Tristate.TRUE,
        tpm: Tristate.TRUE,
        iommu: Tristate.TRUE,
        cpuThreads: 16,
        cpuMhz: 38_400,
        memoryBytes: 4096 * 1024,
        memoryFreeBytes: 1027 * 1024,
        evidence: [
          "accel kvm; libvirt offers domain types kvm, qemu",
          "accel kvm: a canary guest ran under it",
          "a guest under KVM booted",
          "the host is physical as far as its CPU tells",
          "domain capabilities (kvm, pc-q35-8.2): host-model Skylake-Server-IBRS, vendor Intel",
          "host-model lists vmx=not listed",
          "expanded CPU features: vmx absent",
          "firmware efi yes, secure boot yes, TPM emulator yes",
        ],
        remedy: [
          "echo 'options kvm-intel nested=1' | sudo tee /etc/modprobe.d/kvm-nested.conf",
          "with all VMs off: sudo modprobe -r kvm_intel && sudo modprobe kvm_intel",
          "check: cat /sys/module/kvm_intel/parameters/nested (Y or 1); libvirt notices by itself",
        ],
      },
    ]);
  });

  test("who asks while it is checked gets the same check", async () => {
    await start();
    const [first, second] = [await check(host), await check(host, ["fake-1"])];
    expect(second.name).toBe(first.name);
    await ended(host, first);
    expect((await check(host)).name).not.toBe(first.name);
  });

  test("one that does not exist is told at once, and nothing is begun", async () => {
    await start();
    await expect(check(host, ["fake-1", "nowhere"])).rejects.toMatchObject({
      reason: "HOST_NOT_FOUND",
      message: "no host nowhere; there is: fake-1",
    });
    expect(fake.fake.calls).not.toContain("connectGetCapabilities");
  });

  test("libvirtd that is gone is told at once", async () => {
    await start();
    await fake.fake.kill();
    await expect(check(host)).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
  });

  test("a check that is cancelled leaves no guest", async () => {
    await start();
    const { name } = await check(host);
    while (fake.running.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await host.jobs.cancel(name)).toMatchObject({ state: OperationState.CANCELLED });
    expect([...fake.running]).toEqual([]);
  });
});

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? describe : describe.skip)(`a real host ${reason ?? ""}`, () => {
  let host: Probed;
  beforeAll(async () => {
    host = probedHost(await connectLibvirt({ uri: daemon().uri }), daemon().uri);
  });
  afterAll(() => host.libvirt.close());

  test("is reported, and emulates AMD's nesting if it has no other", async () => {
    const [report] = reports(await ended(host, await check(host)));
    expect(report).toMatchObject({
      available: Tristate.TRUE,
      nestedVirtualization: Tristate.TRUE,
      uefi: Tristate.TRUE,
      secureBoot: Tristate.TRUE,
      tpm: Tristate.TRUE,
      iommu: Tristate.TRUE,
    });
    expect(report?.memoryFreeBytes).toBeLessThan(report?.memoryBytes ?? 0);
    expect(report?.evidence[1]).toMatch(/^accel (kvm|tcg): /);
  }, 60_000);

  test("has all knobs but those that only root's libvirtd has", async () => {
    const { capabilities } = await getCapabilities(host)({}, anyCall());
    const others = capabilities.filter(({ support }) => support !== Support.SUPPORTED);
    expect(others.map(({ feature, support }) => `${feature} ${support}`)).toEqual(
      ["LATENCY_SENSITIVITY", "CPU_RESERVATION", "CPU_LIMIT", "CPU_SHARES", "MEMORY_LIMIT"].map(
        (name) => `FEATURE_${name} SUPPORT_UNKNOWN`,
      ),
    );
  }, 60_000);
});
