import { expect, test } from "@jest/globals";
import { CpuVendor, HostReport, Tristate } from "@virtrigaud/proto";
import { about, host, inventory } from "../testing/sample-inventory.ts";
import { hostReport } from "./hosts.ts";
import type { Host, Inventory } from "./inventory.ts";
import { nestingRemedy } from "./nesting.ts";

const report = (one: Partial<Host>, more: Partial<Inventory> = {}, apiVersion = "8.0.2.0") =>
  hostReport(host(1, one), inventory(more), about(apiVersion));

test("a host that can", () => {
  expect(report({})).toEqual(
    HostReport.create({
      id: "host-1",
      name: "esx-1",
      hypervisorVersion: "VMware ESXi 8.0.2",
      available: Tristate.TRUE,
      cpuVendor: CpuVendor.INTEL,
      cpuModel: "Intel(R) Xeon(R) Gold 6240R CPU @ 2.40GHz",
      hardwareVirtualization: Tristate.TRUE,
      nestedVirtualization: Tristate.TRUE,
      guestLevel: 1,
      uefi: Tristate.TRUE,
      secureBoot: Tristate.TRUE,
      tpm: Tristate.TRUE,
      iommu: Tristate.TRUE,
      cpuThreads: 16,
      cpuMhz: 19_200,
      memoryBytes: 64 * 1024 ** 3,
      memoryFreeBytes: 63 * 1024 ** 3,
      evidence: [
        "capability.nestedHVSupported=true",
        "CPUID: VT-x or AMD-V present",
        "hardware.systemInfo=Dell PowerEdge R740",
        "about.apiVersion=8.0.2.0",
        "key provider: present",
      ],
      remedy: [],
    }),
  );
});

const keyRemedy =
  "for virtual TPMs: add a key provider under vCenter > Configure > Key Providers (vCenter 7.0U2 and later)";
test.each<[string, Partial<Host>, Partial<Inventory>, string, Partial<HostReport>]>([
  [
    "cannot",
    { nestedHVSupported: false },
    {},
    "8.0",
    { nestedVirtualization: Tristate.FALSE, hardwareVirtualization: Tristate.UNKNOWN, remedy: nestingRemedy },
  ],
  [
    "has a CPU that cannot",
    { nestedHVSupported: false, cpuVirtualization: false },
    {},
    "8.0",
    { hardwareVirtualization: Tristate.FALSE },
  ],
  [
    "does not tell",
    { nestedHVSupported: undefined, cpuVirtualization: undefined, system: "", memoryFreeBytes: undefined },
    {},
    "8.0",
    {
      nestedVirtualization: Tristate.UNKNOWN,
      hardwareVirtualization: Tristate.UNKNOWN,
      guestLevel: 0,
      memoryFreeBytes: undefined,
      remedy: nestingRemedy,
    },
  ],
  ["is a VM", { isVirtual: true }, {}, "8.0", { guestLevel: 2, remedy: [] }],
  [
    "is in maintenance",
    { available: false },
    {},
    "8.0",
    { available: Tristate.FALSE, remedy: ["connect the host and take it out of maintenance mode"] },
  ],
  ["has no key provider", {}, { hasKeyProvider: false }, "8.0", { tpm: Tristate.FALSE, remedy: [keyRemedy] }],
  [
    "has a key provider that nobody may see",
    {},
    { hasKeyProvider: undefined },
    "8.0",
    { tpm: Tristate.UNKNOWN },
  ],
  [
    "is of 6.0",
    {},
    {},
    "6.0",
    { uefi: Tristate.TRUE, secureBoot: Tristate.FALSE, iommu: Tristate.FALSE, tpm: Tristate.FALSE },
  ],
])("a host that %s", (_, one, more, apiVersion, expected) => {
  expect(report(one, more, apiVersion)).toMatchObject(expected);
});
