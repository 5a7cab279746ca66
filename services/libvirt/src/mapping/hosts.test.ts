import { describe, expect, test } from "@jest/globals";
import { CpuVendor, Feature, Support, Tristate } from "@virtrigaud/proto";
import { capabilities } from "./capabilities.ts";
import { hostModelCpu, parseDomainCapabilities } from "./domain-capabilities.ts";
import { hostReport } from "./hosts.ts";
import { amd, intel, intelFlat, tcg } from "./testing/sample-hosts.ts";
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
      "load KVM",
      "a guest under KVM did not boot",
      "switch on AMD-V (SVM) in the host's firmware setup; check",
      "echo 'options kvm-amd nested=1' | sudo tee /etc/modprobe.d/kvm-nested.conf",
      "with all VMs off",
      "check",
      "for UEFI and secure boot",
      "for virtual TPMs",
    ]);
  });
});

describe("capabilities", () => {
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
