import { describe, expect, test } from "@jest/globals";
import { CpuVendor, Feature, Support, Tristate } from "@virtrigaud/proto";
import { capabilities } from "./capabilities.ts";
import { hostModelCpu, parseDomainCapabilities } from "./domain-capabilities.ts";
import { hostReport } from "./hosts.ts";
import { amd, intel, intelFlat, tcg } from "./testing/sample-hosts.ts";
import { verbs } from "../verbs.ts";
import { testdata } from "./testing/testdata.ts";

describe("a host's report", () => {
  test("Debian 12 without KVM, as measured", () => {
    expect(hostReport(tcg())).toEqual({
      id: "debian-12",
      name: "debian-12",
      hypervisorVersion: "QEMU 7.2.22, libvirt 9.0.0",
      available: Tristate.TRUE,
      cpuVendor: CpuVendor.INTEL,
      cpuModel: "Broadwell",
      hardwareVirtualization: Tristate.UNKNOWN,
      nestedVirtualization: Tristate.TRUE,
      guestLevel: 2,
      uefi: Tristate.TRUE,
      secureBoot: Tristate.TRUE,
      tpm: Tristate.TRUE,
      iommu: Tristate.TRUE,
      cpuThreads: 2,
      cpuMhz: 4598,
      memoryBytes: 8_684_523_520,
      memoryFreeBytes: undefined,
      evidence: [
        "accel tcg; libvirt offers domain types qemu",
        "the host is itself a VM",
        "domain capabilities (tcg, pc-q35-7.2): host-model EPYC, vendor AMD",
        "host-model lists svm=not listed",
        "expanded CPU features: svm required",
        "firmware efi yes, secure boot yes, TPM emulator yes",
      ],
      remedy: [
        "for CPU and memory tuning, bridges and leases: connect to qemu:///system instead of qemu:///session",
      ],
    });
  });

  test("Intel with nesting switched off in the module", () => {
    const { nestedVirtualization, hardwareVirtualization, remedy, guestLevel } = hostReport(intelFlat());
    expect([nestedVirtualization, hardwareVirtualization, guestLevel]).toEqual([
      Tristate.FALSE,
      Tristate.TRUE,
      1,
    ]);
    expect(remedy).toEqual([
      "echo 'options kvm-intel nested=1' | sudo tee /etc/modprobe.d/kvm-nested.conf",
      "with all VMs off: sudo modprobe -r kvm_intel && sudo modprobe kvm_intel",
      "check: cat /sys/module/kvm_intel/parameters/nested (Y or 1); libvirt notices by itself",
    ]);
  });

  test("a host that lacks everything says what to install", () => {
    const domain = { ...amd().domain, efi: false, secureBoot: false, tpm: { models: [], emulator: false } };
    const readings = { devKvm: false, kvmBoots: false, cpuFlags: new Set<string>() };
    const { remedy, hardwareVirtualization } = hostReport(amd({ domain, cpuFeatures: new Set(), readings }));
    expect(hardwareVirtualization).toBe(Tristate.FALSE);
    expect(remedy.map((line) => line.split(":")[0])).toEqual([
      "switch on AMD-V (SVM) in the host's firmware setup; check",
      "load KVM",
      "a guest under KVM did not boot",
      "echo 'options kvm-amd nested=1' | sudo tee /etc/modprobe.d/kvm-nested.conf",
      "with all VMs off",
      "check",
      "for UEFI and secure boot",
      "for virtual TPMs",
    ]);
  });
});

describe("a host that cannot run VMs by its processor", () => {
  const withTypes = (...types: string[]) => ({ ...tcg().host, domainTypes: new Set(types) });

  test("without QEMU it is not available, and all that needs VMs is unsupported", () => {
    const facts = tcg({ host: withTypes(), hypervisorVersion: undefined, notes: ["accel tcg: why"] });
    const { available, hypervisorVersion, evidence, remedy } = hostReport(facts);
    expect([available, hypervisorVersion]).toEqual([Tristate.FALSE, "QEMU not found, libvirt 9.0.0"]);
    expect(evidence.slice(0, 2)).toEqual([
      "accel tcg; libvirt offers domain types none for x86_64",
      "accel tcg: why",
    ]);
    expect(remedy[0]).toMatch(/^install QEMU for x86_64 VMs: apt install qemu-system-x86 /);
    const found = capabilities(facts, verbs);
    expect(found.filter((one) => one.support === Support.SUPPORTED).map(({ feature }) => feature)).toEqual([
      Feature.HOST_CHECK,
      Feature.PLAN,
      Feature.IMAGE_PREPARE,
      Feature.CANCEL_OPERATION,
    ]);
    expect(found[0]).toMatchObject({
      support: Support.UNSUPPORTED,
      reason: expect.stringContaining("apt install"),
    });
  });

  test("with the operator's accel that libvirt does not offer it is not available", () => {
    expect(hostReport(tcg({ accel: "kvm" })).available).toBe(Tristate.FALSE);
  });

  test.each<[string, Parameters<typeof tcg>[0], RegExp[]]>([
    [
      "a VM without extensions",
      { readings: { devKvm: true, cpuFlags: new Set(["hypervisor"]) } },
      [/^this host is itself a VM: .* pass vmx on/],
    ],
    [
      "a machine with them switched off",
      { readings: { devKvm: true, cpuFlags: new Set(["sse"]) } },
      [/^switch on Intel VT-x/],
    ],
    [
      "/dev/kvm not libvirtd's",
      { readings: { devKvm: true, cpuFlags: new Set(["vmx"]) } },
      [/^let libvirtd use \/dev\/kvm/],
    ],
    ["module not loaded", { readings: { devKvm: false, cpuFlags: new Set(["vmx"]) } }, [/^load KVM/]],
    [
      "KVM offered",
      { host: withTypes("qemu", "kvm"), readings: { devKvm: true, cpuFlags: new Set(["vmx"]) } },
      [],
    ],
    ["nothing known", {}, []],
  ])("%s", (_, more, expected) => {
    const { remedy } = hostReport(tcg({ privileged: true, ...more }));
    expect(remedy).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });
});

describe("capabilities", () => {
  test("of the whole daemon name each feature of the contract", () => {
    const named = capabilities(intel(), verbs).map(({ feature }) => feature);
    const absent = Object.values(Feature).filter((feature) => !named.includes(feature));
    expect(absent).toEqual([Feature.UNSPECIFIED, Feature.EXTRA_CONFIG, Feature.UNRECOGNIZED]);
  });

  const support = (host: Parameters<typeof capabilities>[0], feature: Feature) =>
    capabilities(host, new Map([[Feature.POWER, "domainCreate"]])).find((one) => one.feature === feature);

  test("each feature once, in order, with what the daemon adds", () => {
    const found = capabilities(intel(), new Map([[Feature.POWER, "domainCreate"]]));
    expect(new Set(found.map(({ feature }) => feature)).size).toBe(found.length);
    expect(found.filter((one) => one.support !== Support.SUPPORTED)).toEqual([]);
    expect(found.at(-1)).toMatchObject({
      feature: Feature.POWER,
      mechanism: "domainCreate",
      observedVersion: "10.0.0",
    });
    expect(support(intel(), Feature.FIRMWARE_BIOS)?.mechanism).toBe("domain/os without firmware");
  });

  test.each<[string, Parameters<typeof capabilities>[0], Feature, Support]>([
    ["nested on a flat host", intelFlat(), Feature.NESTED_VIRTUALIZATION, Support.UNSUPPORTED],
    ["nested unknown", amd({ cpuFeatures: undefined }), Feature.NESTED_VIRTUALIZATION, Support.UNKNOWN],
    ["VBS on a flat host", intelFlat(), Feature.VIRTUALIZATION_BASED_SECURITY, Support.UNSUPPORTED],
    ["weights in a session", tcg(), Feature.CPU_SHARES, Support.UNKNOWN],
    [
      "UEFI on libvirt 1.2.13",
      intel({ libvirtVersion: 1_002_013 }),
      Feature.FIRMWARE_UEFI,
      Support.UNSUPPORTED,
    ],
    [
      "TPM where libvirt does not say",
      intel({ domain: { ...intel().domain, tpm: undefined } }),
      Feature.TPM,
      Support.UNKNOWN,
    ],
  ])("%s", (_, host, feature, expected) => {
    expect(support(host, feature)).toMatchObject({
      support: expected,
      reason: expect.stringMatching(/.{10}/),
    });
  });
});

describe("domain capabilities", () => {
  test("of a libvirt that knows little are unknown, not absent", () => {
    const xml =
      "<domainCapabilities><machine>pc-q35-2.1</machine><arch>x86_64</arch><vcpu max='255'/><os supported='yes'/><devices/></domainCapabilities>";
    expect(parseDomainCapabilities(xml)).toEqual({
      arch: "x86_64",
      machine: "pc-q35-2.1",
      maxCpus: 255,
      efi: undefined,
      secureBoot: undefined,
      cpuModes: new Map(),
      hostModel: undefined,
      diskBuses: undefined,
      graphics: undefined,
      videoModels: undefined,
      tpm: undefined,
      hyperv: undefined,
      hypervSupported: undefined,
    });
  });

  test("hold the CPU to expand", () => {
    const cpu = hostModelCpu(testdata("domcaps-kvm-intel.xml"));
    expect([cpu?.name, cpu?.attributes]).toEqual(["cpu", { mode: "custom", match: "exact" }]);
    expect(cpu?.children.map(({ name }) => name).slice(0, 2)).toEqual(["model", "vendor"]);
  });
});
