import { describe, expect, test } from "@jest/globals";
import {
  Feature,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
  VMSpec,
} from "@virtrigaud/proto";
import {
  type Backend,
  cellFor,
  conflicts,
  outcomeTable,
  refusals,
  rowsAskedBy,
  withImplied,
} from "./index.ts";

const backends: Backend[] = ["vsphere", "libvirt", "proxmox"];
const gib = 1024 ** 3;
type Asked = Parameters<typeof VMSpec.create>[0];
const spec = (asked: object = {}): VMSpec =>
  VMSpec.fromPartial({ name: "vm-1", cpus: 2, memoryBytes: gib, ...(asked as Asked) });

const nested = (policy: NestedPolicy) => ({ nestedVirtualization: { policy } });
/** Every way to set each knob, and the row that it asks for; a security flag's false means "not asked for". */
const settings: readonly [object, string | undefined][] = [
  [{ firmware: Firmware.BIOS }, "firmware-bios"],
  [{ firmware: Firmware.UEFI }, "firmware-uefi"],
  [nested(NestedPolicy.UNSPECIFIED), undefined],
  [nested(NestedPolicy.DISABLED), "nested-disabled"],
  [nested(NestedPolicy.REQUIRED), "nested-required"],
  [{ virtualizationBasedSecurity: true }, "vbs"],
  [{ virtualizationBasedSecurity: false }, undefined],
  [{ cpuHotAdd: true }, "cpu-hot-add"],
  [{ cpuHotAdd: false }, "cpu-hot-add-off"],
  [{ memoryHotAdd: true }, "memory-hot-add"],
  [{ memoryHotAdd: false }, "memory-hot-add-off"],
  [{ latencySensitivity: LatencySensitivity.LOW }, "latency-low"],
  [{ latencySensitivity: LatencySensitivity.NORMAL }, "latency-normal"],
  [{ latencySensitivity: LatencySensitivity.HIGH }, "latency-high"],
  [{ hyperThreadingPolicy: HyperThreadingPolicy.AUTO }, "hyper-threading-auto"],
  [{ hyperThreadingPolicy: HyperThreadingPolicy.PREFER }, "hyper-threading-prefer"],
  [{ hyperThreadingPolicy: HyperThreadingPolicy.AVOID }, "hyper-threading-avoid"],
  [{ hyperThreadingPolicy: HyperThreadingPolicy.REQUIRE }, "hyper-threading-require"],
  [{ secureBoot: true }, "secure-boot"],
  [{ secureBoot: false }, undefined],
  [{ tpm: {} }, "tpm-2.0"],
  [{ tpm: { version: TpmVersion.TPM_VERSION_2_0 } }, "tpm-2.0"],
  [{ tpm: { version: TpmVersion.TPM_VERSION_1_2 } }, "tpm-1.2"],
  [{ iommu: true }, "iommu"],
  [{ iommu: false }, undefined],
  [{ cpuAllocation: {} }, undefined],
  [{ cpuAllocation: { reservationMhz: 0 } }, "cpu-reservation"],
  [{ cpuAllocation: { limitMhz: 0 } }, "cpu-limit"],
  [{ cpuAllocation: { shares: 0 } }, "cpu-shares"],
  [{ memoryAllocation: { reservationBytes: 0 } }, "memory-reservation"],
  [{ memoryAllocation: { limitBytes: 0 } }, "memory-limit"],
  [{ cloudInit: {} }, "cloud-init"],
  [{ tags: ["a"] }, "tags"],
  [{ tags: [] }, undefined],
];

describe("the table", () => {
  test("has each row once, and each cell says what it must", () => {
    const ids = outcomeTable.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { id, field, manifest, cells } of outcomeTable) {
      expect({ id, field, manifest }).toEqual({
        id,
        field: expect.stringMatching(/^spec\.[a-z_.]+$/),
        manifest: expect.stringMatching(/./),
      });
      expect(Object.keys(cells)).toEqual(backends);
      for (const { outcome, ...words } of Object.values(cells)) {
        expect(["APPLIED", "SUBSTITUTED", "REFUSED"]).toContain(outcome);
        expect({ id, words: Object.values(words).filter((word) => word === "") }).toEqual({ id, words: [] });
      }
    }
  });

  test("asks for nothing that nobody asked", () => {
    expect(rowsAskedBy(spec()).map(({ id }) => id)).toEqual(["cpu", "memory"]);
  });

  test.each(settings)("of %j has this one row and no other", (asked, id) => {
    const rows = rowsAskedBy(spec(asked)).map((row) => row.id);
    expect(rows.filter((row) => row !== "cpu" && row !== "memory")).toEqual(id === undefined ? [] : [id]);
  });

  test("has no row that nothing asks for", () => {
    const reached = new Set(["cpu", "memory", ...settings.map(([, id]) => id)]);
    expect(outcomeTable.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([]);
  });
});

describe("what is implied", () => {
  const vbs = "needed by virtualizationBasedSecurity";
  const on = { virtualizationBasedSecurity: true };
  const all = {
    ...on,
    ...nested(NestedPolicy.REQUIRED),
    secureBoot: true,
    iommu: true,
    firmware: Firmware.UEFI,
  };
  test.each<[string, object, object, [Feature, string][]]>([
    ["by nothing", {}, {}, []],
    ["by nested virtualization", nested(NestedPolicy.REQUIRED), {}, []],
    ["by an IOMMU", { iommu: true }, {}, []],
    [
      "by secure boot",
      { secureBoot: true },
      { firmware: Firmware.UEFI },
      [[Feature.FIRMWARE_UEFI, "needed by secureBoot"]],
    ],
    ["by a TPM", { tpm: {} }, { firmware: Firmware.UEFI }, [[Feature.FIRMWARE_UEFI, "needed by tpmEnabled"]]],
    [
      "by VBS",
      on,
      all,
      [
        [Feature.NESTED_VIRTUALIZATION, vbs],
        [Feature.SECURE_BOOT, vbs],
        [Feature.IOMMU, vbs],
        [Feature.FIRMWARE_UEFI, vbs],
      ],
    ],
    [
      "by VBS although a flag says false",
      { ...all, secureBoot: false, iommu: false },
      all,
      [
        [Feature.SECURE_BOOT, vbs],
        [Feature.IOMMU, vbs],
      ],
    ],
    ["by VBS where all is asked for", all, all, []],
    [
      "never against what is asked",
      { ...on, ...nested(NestedPolicy.DISABLED), firmware: Firmware.BIOS },
      { secureBoot: true, iommu: true },
      [
        [Feature.SECURE_BOOT, vbs],
        [Feature.IOMMU, vbs],
      ],
    ],
  ])("%s", (_, asked, becomes, implied) => {
    const before = spec(asked);
    expect(withImplied(before)).toEqual({
      spec: spec({ ...asked, ...becomes }),
      implied: implied.map(([feature, reason]) => ({ feature, reason })),
    });
    expect(before).toEqual(spec(asked));
  });

  test.each(settings)("of %j, nothing more the second time", (asked) => {
    const { spec: effective } = withImplied(spec(asked));
    expect(withImplied(effective)).toEqual({ spec: effective, implied: [] });
  });
});

describe("what contradicts itself", () => {
  const bios = { firmware: Firmware.BIOS };
  const vbs = { virtualizationBasedSecurity: true };
  test.each<[object, [string, string][]]>([
    [{}, []],
    [bios, []],
    [{ ...bios, secureBoot: false, iommu: true, ...nested(NestedPolicy.REQUIRED) }, []],
    [{ ...vbs, ...nested(NestedPolicy.REQUIRED) }, []],
    [
      { ...bios, secureBoot: true },
      [["spec.firmware", "secureBoot: true needs UEFI, but firmware is BIOS; set firmware: UEFI"]],
    ],
    [
      { ...bios, tpm: {} },
      [["spec.firmware", "tpmEnabled: true needs UEFI, but firmware is BIOS; set firmware: UEFI"]],
    ],
    [
      { ...bios, ...vbs, ...nested(NestedPolicy.DISABLED) },
      [
        [
          "spec.nested_virtualization",
          "virtualizationBasedSecurity: true needs nested virtualization, but nestedVirtualization is false; remove one of the two",
        ],
        [
          "spec.firmware",
          "virtualizationBasedSecurity: true needs UEFI, but firmware is BIOS; set firmware: UEFI",
        ],
      ],
    ],
  ])("%j", (asked, expected) => {
    expect(conflicts(withImplied(spec(asked)).spec)).toEqual(
      expected.map(([field, description]) => ({ field, reason: "CONFLICTING_OPTIONS", description })),
    );
  });
});

describe("what is refused", () => {
  const refusedBy = (backend: Backend) =>
    outcomeTable.filter(({ cells }) => cells[backend].outcome === "REFUSED").map(({ id }) => id);
  test("by each hypervisor is this and nothing else", () => {
    expect(Object.fromEntries(backends.map((backend) => [backend, refusedBy(backend)]))).toEqual({
      vsphere: ["tpm-1.2"],
      libvirt: [],
      proxmox: ["latency-high", "hyper-threading-avoid", "hyper-threading-require"],
    });
  });

  test("is all told at once, by field", () => {
    const asked = spec({
      latencySensitivity: LatencySensitivity.HIGH,
      hyperThreadingPolicy: HyperThreadingPolicy.AVOID,
      tpm: { version: TpmVersion.TPM_VERSION_1_2 },
    });
    const told = (backend: Backend) =>
      refusals(asked, backend).map(({ field, reason }) => `${field} ${reason}`);
    expect(told("vsphere")).toEqual(["spec.tpm.version TPM_VERSION_UNSUPPORTED"]);
    expect(told("libvirt")).toEqual([]);
    expect(told("proxmox")).toEqual([
      "spec.latency_sensitivity LATENCY_SENSITIVITY_UNSUPPORTED",
      "spec.hyper_threading_policy HYPER_THREADING_POLICY_UNSUPPORTED",
    ]);
    expect(refusals(asked, "vsphere")[0]?.description).toBe(
      'securityProfile.tpmEnabled: true, tpmVersion: "1.2": vSphere emulates TPM 2.0 only; set tpmVersion: "2.0"',
    );
  });
});

test.each<[object, Feature, Backend, string | undefined]>([
  [{ cpuHotAdd: true }, Feature.CPU_HOT_ADD, "libvirt", "domain/vcpu/@current"],
  [{ cpuHotAdd: false }, Feature.CPU_HOT_ADD, "libvirt", "domain/vcpu without @current"],
  [{}, Feature.CPU_HOT_ADD, "libvirt", undefined],
  [{}, Feature.CONSOLE, "vsphere", undefined],
])("of %j %s on %s is kept in %s", (asked, feature, backend, mechanism) => {
  const cell = cellFor(spec(asked), feature, backend);
  expect(cell && "mechanism" in cell ? cell.mechanism : undefined).toBe(mechanism);
});
