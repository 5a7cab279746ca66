import { describe, expect, test } from "@jest/globals";
import { outcomeTable } from "@virtrigaud/kit/outcomes";
import { Feature, Firmware, LatencySensitivity, NestedPolicy, Outcome, type VMSpec } from "@virtrigaud/proto";
import { about, host, inventory } from "../testing/sample-inventory.ts";
import { rowSpecs } from "../testing/row-specs.ts";
import { marker, type Part, spec, stamp, uid } from "../testing/sample-vm.ts";
import type { VirtualMachineConfigSpec } from "../vim/types.ts";
import { type PlanInput, planVm } from "./plan.ts";

const gib = 1024 ** 3;
const plan = (asked: Part<VMSpec>, more: Partial<PlanInput> = {}) =>
  planVm({
    marker,
    spec: spec(asked),
    about: about(),
    inventory: inventory(),
    settings: { defaults: {}, storageClasses: {} },
    templates: [],
    encode: (text) => `packed(${text})`,
    ...more,
  });

interface Case {
  /** What the ConfigSpec holds because of it, beyond what every VM has. */
  sends?: VirtualMachineConfigSpec;
  outcome?: Outcome;
  mechanism: string;
  value: string;
  reason?: string;
  /** Features that are implied, with the reason. */
  implies?: [Feature, string][];
}

const vhv = [
  { key: "vhv.enable", value: "TRUE" },
  { key: "vhv.allowNestedPageTables", value: "TRUE" },
];
const uefi = (knob: string): [Feature, string][] => [[Feature.FIRMWARE_UEFI, `needed by ${knob}`]];

/** The vSphere cell of each row that is not a refusal, for what {@link rowSpecs} asks. */
const cases: Record<string, Case> = {
  cpu: { sends: { numCPUs: 3 }, mechanism: "config.hardware.numCPU", value: "3" },
  memory: {
    sends: { memoryMB: 6144 },
    mechanism: "config.hardware.memoryMB",
    value: "6144 MB",
  },
  "firmware-bios": {
    sends: { firmware: "bios" },
    mechanism: "config.firmware=bios",
    value: "bios",
  },
  "firmware-uefi": {
    sends: { firmware: "efi" },
    mechanism: "config.firmware=efi",
    value: "efi",
  },
  "cpu-hot-add": {
    sends: { cpuHotAddEnabled: true },
    mechanism: "config.cpuHotAddEnabled",
    value: "true",
  },
  "cpu-hot-add-off": {
    sends: { cpuHotAddEnabled: false },
    mechanism: "config.cpuHotAddEnabled",
    value: "false",
  },
  "memory-hot-add": {
    sends: { memoryHotAddEnabled: true },
    mechanism: "config.memoryHotAddEnabled",
    value: "true",
  },
  "memory-hot-add-off": {
    sends: { memoryHotAddEnabled: false },
    mechanism: "config.memoryHotAddEnabled",
    value: "false",
  },
  "nested-required": {
    sends: { nestedHVEnabled: true, extraConfig: [...stamp, ...vhv] },
    mechanism: "config.nestedHVEnabled",
    value: "true",
  },
  "nested-disabled": {
    sends: { nestedHVEnabled: false, extraConfig: [...stamp, { key: "vhv.enable", value: "FALSE" }] },
    mechanism: "config.nestedHVEnabled",
    value: "false",
  },
  vbs: {
    sends: {
      guestId: "windows9Server64Guest",
      nestedHVEnabled: true,
      firmware: "efi",
      bootOptions: { efiSecureBootEnabled: true },
      flags: { vvtdEnabled: true, vbsEnabled: true },
      extraConfig: [...stamp, ...vhv],
    },
    mechanism: "config.flags.vbsEnabled",
    value: "true",
    implies: [
      ...uefi("virtualizationBasedSecurity"),
      [Feature.NESTED_VIRTUALIZATION, "needed by virtualizationBasedSecurity"],
      [Feature.SECURE_BOOT, "needed by virtualizationBasedSecurity"],
      [Feature.IOMMU, "needed by virtualizationBasedSecurity"],
    ],
  },
  "latency-low": {
    sends: { latencySensitivity: { level: "low" } },
    mechanism: "config.latencySensitivity.level",
    value: "low",
  },
  "latency-normal": {
    sends: { latencySensitivity: { level: "normal" } },
    mechanism: "config.latencySensitivity.level",
    value: "normal",
  },
  "latency-high": {
    sends: {
      latencySensitivity: { level: "high" },
      memoryReservationLockedToMax: true,
      cpuAllocation: { reservation: 4800 },
      memoryAllocation: { reservation: 4096 },
    },
    mechanism: "config.latencySensitivity.level",
    value: "high",
    implies: [
      [Feature.CPU_RESERVATION, "needed by latencySensitivity: high"],
      [Feature.MEMORY_RESERVATION, "needed by latencySensitivity: high"],
    ],
  },
  "hyper-threading-auto": {
    sends: { flags: { htSharing: "any" } },
    mechanism: "config.flags.htSharing=any",
    value: "any",
  },
  "hyper-threading-prefer": {
    sends: { flags: { htSharing: "any" } },
    mechanism: "config.flags.htSharing=any",
    value: "any",
  },
  "hyper-threading-avoid": {
    sends: { flags: { htSharing: "none" } },
    mechanism: "config.flags.htSharing=none",
    value: "none",
  },
  "hyper-threading-require": {
    sends: { flags: { htSharing: "internal" } },
    mechanism: "config.flags.htSharing=internal",
    value: "internal",
  },
  "secure-boot": {
    sends: { firmware: "efi", bootOptions: { efiSecureBootEnabled: true } },
    mechanism: "config.bootOptions.efiSecureBootEnabled",
    value: "true",
    implies: uefi("secureBoot"),
  },
  "tpm-2.0": {
    sends: {
      firmware: "efi",
      deviceChange: [{ operation: "add", device: { $type: "VirtualTPM", key: -400 } }],
    },
    mechanism: "config.hardware.device[VirtualTPM]",
    value: "present",
    implies: uefi("tpmEnabled"),
  },
  iommu: {
    sends: { flags: { vvtdEnabled: true } },
    mechanism: "config.flags.vvtdEnabled",
    value: "true",
  },
  "cpu-reservation": {
    sends: { cpuAllocation: { reservation: 4000 } },
    mechanism: "config.cpuAllocation.reservation",
    value: "4000 MHz",
  },
  "memory-reservation": {
    sends: { memoryAllocation: { reservation: 2048 } },
    mechanism: "config.memoryAllocation.reservation",
    value: "2048 MB",
  },
  "cpu-limit": {
    sends: { cpuAllocation: { limit: 5000 } },
    mechanism: "config.cpuAllocation.limit",
    value: "5000 MHz",
  },
  "memory-limit": {
    sends: { memoryAllocation: { limit: 3072 } },
    mechanism: "config.memoryAllocation.limit",
    value: "3072 MB",
  },
  "cpu-shares": {
    sends: { cpuAllocation: { shares: { shares: 8000, level: "custom" } } },
    mechanism: "config.cpuAllocation.shares",
    value: "8000",
  },
  "cloud-init": {
    sends: {
      extraConfig: [
        ...stamp,
        { key: "guestinfo.userdata", value: "packed(#cloud-config\n)" },
        { key: "guestinfo.userdata.encoding", value: "gzip+base64" },
        { key: "guestinfo.metadata", value: `packed({"local-hostname":"vm-1","instance-id":"${uid}"})` },
        { key: "guestinfo.metadata.encoding", value: "gzip+base64" },
      ],
    },
    mechanism: "config.extraConfig[guestinfo.userdata]",
    value: "present",
  },
  tags: {
    sends: { annotation: "tags: prod, team-b" },
    outcome: Outcome.SUBSTITUTED,
    mechanism: "config.annotation",
    value: "tags: prod, team-b",
    reason: "vSphere tags live outside the vim25 API; they are listed in the VM's notes instead",
  },
};

const refused: Record<string, { reason: string; description: string }> = {
  "tpm-1.2": {
    reason: "TPM_VERSION_UNSUPPORTED",
    description:
      'securityProfile.tpmEnabled: true, tpmVersion: "1.2": vSphere emulates TPM 2.0 only; set tpmVersion: "2.0"',
  },
};

describe("the outcome table's vSphere column", () => {
  test("has a case for every row", () => {
    expect(Object.keys(rowSpecs).sort()).toEqual(outcomeTable.map(({ id }) => id).sort());
    expect([...Object.keys(cases), ...Object.keys(refused)].sort()).toEqual(
      outcomeTable.map(({ id }) => id).sort(),
    );
  });

  test.each(Object.entries(cases))("%s", (id, { sends, implies = [], ...cell }) => {
    const row = outcomeTable.find((one) => one.id === id);
    const { plan: made, violations, applied } = plan(rowSpecs[id] ?? {});
    expect(violations).toEqual([]);
    expect(made?.config).toEqual({
      name: "vm-1",
      instanceUuid: uid,
      guestId: "otherLinux64Guest",
      files: { vmPathName: "[bulk]" },
      numCPUs: 2,
      memoryMB: 4096,
      extraConfig: stamp,
      ...sends,
    });
    expect(applied.find(({ feature }) => feature === row?.feature)).toEqual({
      feature: row?.feature,
      outcome: cell.outcome ?? Outcome.APPLIED,
      mechanism: cell.mechanism,
      observedValue: cell.value,
      reason: cell.reason ?? "",
      subject: "",
    });
    const implied = applied.filter(({ outcome }) => outcome === Outcome.IMPLIED);
    expect(implied.map(({ feature, reason }) => [feature, reason])).toEqual(implies);
    expect(implied.every(({ mechanism, observedValue }) => mechanism !== "" && observedValue !== "")).toBe(
      true,
    );
  });

  test.each(Object.entries(refused))("%s is refused", (id, { reason, description }) => {
    const row = outcomeTable.find((one) => one.id === id);
    const { violations, applied } = plan(rowSpecs[id] ?? {});
    expect(violations).toEqual([{ field: row?.field, reason, description }]);
    expect(applied.filter(({ feature }) => feature === row?.feature)).toEqual([
      {
        feature: row?.feature,
        outcome: Outcome.REFUSED,
        mechanism: "",
        observedValue: "",
        reason: description,
        subject: "",
      },
    ]);
  });
});

describe("knobs that contradict each other", () => {
  const high = { latencySensitivity: LatencySensitivity.HIGH };
  test.each<[string, Part<VMSpec>, string[]]>([
    [
      "VBS and nested disabled",
      { virtualizationBasedSecurity: true, nestedVirtualization: { policy: NestedPolicy.DISABLED } },
      ["spec.nested_virtualization"],
    ],
    ["VBS and BIOS", { virtualizationBasedSecurity: true, firmware: Firmware.BIOS }, ["spec.firmware"]],
    ["secure boot and BIOS", { secureBoot: true, firmware: Firmware.BIOS }, ["spec.firmware"]],
    ["TPM and BIOS", { tpm: {}, firmware: Firmware.BIOS }, ["spec.firmware"]],
    ["latency high and memory hot-add", { ...high, memoryHotAdd: true }, ["spec.memory_hot_add"]],
    ["latency high and no memory hot-add", { ...high, memoryHotAdd: false }, []],
    [
      "latency high and smaller reservations",
      { ...high, cpuAllocation: { reservationMhz: 4799 }, memoryAllocation: { reservationBytes: 3 * gib } },
      ["spec.cpu_allocation.reservation_mhz", "spec.memory_allocation.reservation_bytes"],
    ],
    [
      "latency high and lower limits",
      { ...high, cpuAllocation: { limitMhz: 4799 }, memoryAllocation: { limitBytes: 3 * gib } },
      ["spec.cpu_allocation.limit_mhz", "spec.memory_allocation.limit_bytes"],
    ],
    [
      "latency high and full reservations",
      { ...high, cpuAllocation: { reservationMhz: 4800 }, memoryAllocation: { reservationBytes: 4 * gib } },
      [],
    ],
  ])("%s", (_, asked, fields) => {
    const { violations, applied } = plan(asked);
    expect(violations.map(({ field, reason }) => [field, reason])).toEqual(
      fields.map((field) => [field, "CONFLICTING_OPTIONS"]),
    );
    expect(applied.filter(({ outcome }) => outcome === Outcome.REFUSED)).toHaveLength(fields.length);
  });
});

describe("a vCenter that is too old", () => {
  const everything: Part<VMSpec> = {
    nestedVirtualization: { policy: NestedPolicy.REQUIRED },
    latencySensitivity: LatencySensitivity.LOW,
    secureBoot: true,
    iommu: true,
    virtualizationBasedSecurity: true,
    tpm: {},
    cpuHotAdd: true,
    memoryHotAdd: true,
  };
  const newer = ["spec.virtualization_based_security", "spec.tpm", "spec.iommu"];
  test.each<[string, string[]]>([
    ["5.0", ["spec.nested_virtualization", "spec.latency_sensitivity", "spec.secure_boot", ...newer]],
    ["6.0", ["spec.secure_boot", ...newer]],
    ["6.5", newer],
    ["6.7", []],
    ["7.0.2.0", []],
    ["8.0.2.0", []],
    ["10.0", []],
  ])("API %s", (apiVersion, fields) => {
    const { violations } = plan(everything, { about: about(apiVersion) });
    expect(violations.map(({ reason }) => reason)).toEqual(fields.map(() => "HYPERVISOR_VERSION"));
    expect(violations.map(({ field }) => field).sort()).toEqual([...fields].sort());
    for (const { description } of violations) expect(description).toContain(`this vCenter has ${apiVersion}`);
  });
});

describe("a virtual TPM", () => {
  test.each<[boolean | undefined, string[]]>([
    [true, []],
    [false, ["KEY_PROVIDER_MISSING"]],
    // The account may not look: vCenter will tell.
    [undefined, []],
  ])("with a key provider: %s", (hasKeyProvider, reasons) => {
    const { violations } = plan({ tpm: {} }, { inventory: inventory({ hasKeyProvider }) });
    expect(violations.map(({ reason }) => reason)).toEqual(reasons);
  });
});

test("full CPU reservations are counted at the chosen host's speed", () => {
  const mixed = inventory({ hosts: [host(1, { coreMhz: 3000 }), host(2, { coreMhz: 2000 })] });
  const { plan: made } = plan({ latencySensitivity: LatencySensitivity.HIGH }, { inventory: mixed });
  expect(made?.placement.host?.name).toBe("esx-1");
  expect(made?.config.cpuAllocation).toEqual({ reservation: 6000 });
});
