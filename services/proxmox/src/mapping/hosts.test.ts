import { describe, expect, test } from "@jest/globals";
import { CpuVendor, Feature, Support, Tristate } from "@virtrigaud/proto";
import { capabilities } from "./capabilities.ts";
import { hostReport } from "./hosts.ts";
import type { Node } from "./inventory.ts";
import { amd, intel, older, storages, withoutVtx } from "./testing/sample-nodes.ts";
import { inventory, settings } from "./testing/sample-plan.ts";

const gib = 2 ** 30;

describe("a node's report", () => {
  test("9.2 on Intel, whole", () => {
    expect(hostReport(intel(), settings)).toEqual({
      id: "pve1",
      name: "pve1",
      hypervisorVersion: "Proxmox VE 9.2.11, QEMU 10.0",
      available: Tristate.TRUE,
      cpuVendor: CpuVendor.INTEL,
      cpuModel: "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
      hardwareVirtualization: Tristate.TRUE,
      nestedVirtualization: Tristate.TRUE,
      guestLevel: 1,
      uefi: Tristate.TRUE,
      secureBoot: Tristate.TRUE,
      tpm: Tristate.TRUE,
      iommu: Tristate.TRUE,
      cpuThreads: 64,
      cpuMhz: 128_000,
      memoryBytes: 256 * gib,
      memoryFreeBytes: 128 * gib,
      evidence: [
        "node online, pve-manager 9.2.11",
        "capabilities/qemu/cpu-flags?accel=kvm: nested-virt supported on pve1",
        "cpuinfo.flags: vmx",
        "the node is physical as far as its CPU tells",
      ],
      remedy: [],
    });
  });

  test.each<[string, Node, Tristate, string[]]>([
    [
      "AMD with nesting off in the module",
      amd({ nestedVirt: false }),
      Tristate.FALSE,
      [
        "echo 'options kvm-amd nested=1' > /etc/modprobe.d/kvm-nested.conf",
        "with all VMs of the node off: modprobe -r kvm_amd && modprobe kvm_amd (or reboot)",
        "check: cat /sys/module/kvm_amd/parameters/nested (Y or 1), then: systemctl restart pvestatd, which remembers the answer",
      ],
    ],
    [
      "Intel with VT-x off",
      withoutVtx(),
      Tristate.FALSE,
      [
        "switch on Intel VT-x in the firmware setup of pve1; check: grep -cwE 'vmx|svm' /proc/cpuinfo",
        "echo 'options kvm-intel nested=1' > /etc/modprobe.d/kvm-nested.conf",
        "with all VMs of the node off: modprobe -r kvm_intel && modprobe kvm_intel (or reboot)",
        "check: cat /sys/module/kvm_intel/parameters/nested (Y or 1), then: systemctl restart pvestatd, which remembers the answer",
      ],
    ],
    [
      "8.4, which does not tell",
      older("8.4.5"),
      Tristate.UNKNOWN,
      [
        "echo 'options kvm-intel nested=1' > /etc/modprobe.d/kvm-nested.conf",
        "with all VMs of the node off: modprobe -r kvm_intel && modprobe kvm_intel (or reboot)",
        "check: cat /sys/module/kvm_intel/parameters/nested (Y or 1), then: systemctl restart pvestatd, which remembers the answer",
        "to be told beforehand: Proxmox VE 9.2 or later",
      ],
    ],
  ])("%s", (_, node, nested, remedy) => {
    const report = hostReport(node, settings);
    expect([report.nestedVirtualization, report.remedy]).toEqual([nested, remedy]);
  });

  test("a node that is itself a VM without VT-x is helped from outside", () => {
    const node = withoutVtx({ cpuFlags: new Set(["hypervisor"]) });
    const report = hostReport(node, settings);
    expect(report.guestLevel).toBe(2);
    expect(report.remedy[0]).toMatch(
      /^pve1 is itself a VM: switch nested virtualization on .* qm set VMID --cpu host/,
    );
  });

  test("a node that is off tells nothing and invents nothing", () => {
    const off = intel({
      online: false,
      version: "",
      cpuVendor: CpuVendor.UNSPECIFIED,
      cpuModel: "",
      cpuFlags: undefined,
      threads: undefined,
      coreMhz: undefined,
      memoryBytes: undefined,
      memoryFreeBytes: undefined,
      nestedVirt: undefined,
      qemu: "",
    });
    const report = hostReport(off, settings);
    expect(report).toMatchObject({
      available: Tristate.FALSE,
      hardwareVirtualization: Tristate.UNKNOWN,
      nestedVirtualization: Tristate.UNKNOWN,
      uefi: Tristate.UNKNOWN,
      iommu: Tristate.UNKNOWN,
      guestLevel: 0,
    });
    expect(report.remedy).toEqual(
      expect.arrayContaining([
        "start node pve1 and its pve-cluster service",
        "let the provider see the node's CPU: give its token Sys.Audit on /nodes/pve1",
        "echo 'options kvm-intel nested=1' > /etc/modprobe.d/kvm-nested.conf",
        "echo 'options kvm-amd nested=1' > /etc/modprobe.d/kvm-nested.conf",
      ]),
    );
  });

  test("by emulation every node nests", () => {
    expect(hostReport(withoutVtx(), { ...settings, accel: "tcg" }).nestedVirtualization).toBe(Tristate.TRUE);
  });
});

describe("capabilities", () => {
  const verbs = new Map([[Feature.POWER, "status/start"]]);
  const found = (feature: Feature, ...nodes: Node[]) =>
    capabilities(inventory(...nodes), settings, verbs).find((one) => one.feature === feature);

  test("each feature once, in order, with what the daemon adds", () => {
    const all = capabilities(inventory(), settings, verbs);
    expect(new Set(all.map(({ feature }) => feature)).size).toBe(all.length);
    expect(all.filter(({ support }) => support !== Support.SUPPORTED)).toEqual([]);
    expect(all.find(({ feature }) => feature === Feature.POWER)).toEqual({
      feature: Feature.POWER,
      support: Support.SUPPORTED,
      mechanism: "status/start",
      reason: "",
      minimumVersion: "",
      observedVersion: "9.2.11",
    });
    expect(found(Feature.LATENCY_SENSITIVITY, intel())?.mechanism).toBe("cpuunits, half the ordinary");
  });

  test.each<[string, Feature, Node[], Support, RegExp]>([
    [
      "nested where one node can",
      Feature.NESTED_VIRTUALIZATION,
      [intel({ nestedVirt: false }), amd()],
      Support.SUPPORTED,
      /^$/,
    ],
    [
      "nested where none can",
      Feature.NESTED_VIRTUALIZATION,
      [intel({ nestedVirt: false })],
      Support.UNSUPPORTED,
      /kvm-intel nested=1/,
    ],
    [
      "nested where none tells",
      Feature.NESTED_VIRTUALIZATION,
      [older("8.4.5")],
      Support.UNKNOWN,
      /does not tell before 9.2/,
    ],
    [
      "nested on a node that is off",
      Feature.NESTED_VIRTUALIZATION,
      [intel({ online: false })],
      Support.UNKNOWN,
      /no node is online/,
    ],
    [
      "an IOMMU on 7.4",
      Feature.IOMMU,
      [older("7.4-16")],
      Support.UNSUPPORTED,
      /needs Proxmox VE 8.2; the newest online node has 7.4-16/,
    ],
    ["an IOMMU on 7.4 and 9.2", Feature.IOMMU, [older("7.4-16"), amd()], Support.SUPPORTED, /^$/],
    [
      "VBS on 7.4",
      Feature.VIRTUALIZATION_BASED_SECURITY,
      [older("7.4-16")],
      Support.UNSUPPORTED,
      /implies an IOMMU/,
    ],
    [
      "VBS where none can nest",
      Feature.VIRTUALIZATION_BASED_SECURITY,
      [intel({ nestedVirt: false })],
      Support.UNSUPPORTED,
      /nested=1/,
    ],
    [
      "cloud-init without a storage for ISO images",
      Feature.CLOUD_INIT,
      [intel({ storages: storages.slice(1, 3) })],
      Support.UNSUPPORTED,
      /pvesm set STORAGE --content iso/,
    ],
  ])("%s", (_, feature, nodes, support, reason) => {
    expect(found(feature, ...nodes)).toMatchObject({ support, reason: expect.stringMatching(reason) });
  });
});
