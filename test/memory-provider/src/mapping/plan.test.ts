import { expect, test } from "@jest/globals";
import {
  Feature,
  Firmware,
  LatencySensitivity,
  NestedPolicy,
  Outcome,
  Tristate,
  VMSpec,
} from "@virtrigaud/proto";
import { createHypervisor } from "../hypervisor/hypervisor.ts";
import type { Nesting } from "../hypervisor/hosts.ts";
import { plan } from "./plan.ts";

const GiB = 2 ** 30;
type Part = Partial<VMSpec>;
type Row = readonly [
  title: string,
  nesting: Nesting,
  part: Part,
  applied: string[],
  refusals: string[],
  host: string,
];

const required = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
const rows: readonly Row[] = [
  ["nothing asked", "capable", {}, [], [], "host-1"],
  ["nesting", "capable", required, ["NESTED_VIRTUALIZATION APPLIED true"], [], "host-1"],
  ["nesting where no host tells", "unknown", required, ["NESTED_VIRTUALIZATION APPLIED true"], [], "host-1"],
  [
    "nesting where no host can",
    "incapable",
    required,
    ["NESTED_VIRTUALIZATION REFUSED"],
    ["spec.nested_virtualization.policy NESTED_UNSUPPORTED"],
    "",
  ],
  [
    "nesting off where no host can",
    "incapable",
    { nestedVirtualization: { policy: NestedPolicy.DISABLED } },
    ["NESTED_VIRTUALIZATION APPLIED false"],
    [],
    "host-1",
  ],
  [
    "VBS implies what it needs",
    "capable",
    { virtualizationBasedSecurity: true, secureBoot: false },
    [
      "FIRMWARE_UEFI IMPLIED uefi",
      "NESTED_VIRTUALIZATION IMPLIED true",
      "VIRTUALIZATION_BASED_SECURITY APPLIED true",
      "SECURE_BOOT IMPLIED true",
      "IOMMU IMPLIED true",
    ],
    [],
    "host-1",
  ],
  [
    "VBS with nesting off",
    "capable",
    { virtualizationBasedSecurity: true, nestedVirtualization: { policy: NestedPolicy.DISABLED } },
    [
      "FIRMWARE_UEFI IMPLIED uefi",
      "NESTED_VIRTUALIZATION REFUSED",
      "VIRTUALIZATION_BASED_SECURITY APPLIED true",
      "SECURE_BOOT IMPLIED true",
      "IOMMU IMPLIED true",
    ],
    ["spec.nested_virtualization.policy CONFLICTING_OPTIONS"],
    "host-1",
  ],
  [
    "secure boot on BIOS",
    "capable",
    { secureBoot: true, firmware: Firmware.BIOS },
    ["FIRMWARE_BIOS REFUSED", "SECURE_BOOT APPLIED true"],
    ["spec.firmware CONFLICTING_OPTIONS"],
    "host-1",
  ],
  [
    "low latency reserves everything",
    "capable",
    { latencySensitivity: LatencySensitivity.HIGH },
    [
      "LATENCY_SENSITIVITY APPLIED LATENCY_SENSITIVITY_HIGH",
      "CPU_RESERVATION IMPLIED 2400",
      `MEMORY_RESERVATION IMPLIED ${GiB}`,
    ],
    [],
    "host-1",
  ],
];

test.each(rows)("%s", (_title, nesting, part, applied, refusals, host) => {
  const hypervisor = createHypervisor({ nesting });
  const context = {
    hypervisor,
    without: new Set<Feature>(),
    heartbeatMs: 1,
    endpoint: "",
    isReachable: () => true,
  };
  const spec = { ...VMSpec.fromPartial({ name: "a", cpus: 1, memoryBytes: GiB }), ...part };
  const planned = plan(context, spec);
  const lines = planned.applied.map(({ feature, outcome, observedValue }) =>
    `${feature.slice("FEATURE_".length)} ${outcome.slice("OUTCOME_".length)} ${observedValue}`.trim(),
  );
  expect({
    applied: lines,
    refusals: planned.refusals.map(({ field, reason }) => `${field} ${reason}`),
    host: planned.host,
  }).toEqual({ applied: ["CPU APPLIED 1", `MEMORY APPLIED ${GiB}`, ...applied], refusals, host });
});

test("a host that was asked for by name has to be able itself", () => {
  const hypervisor = createHypervisor();
  const context = {
    hypervisor,
    without: new Set<Feature>(),
    heartbeatMs: 1,
    endpoint: "",
    isReachable: () => true,
  };
  const on = (host: string) =>
    plan(
      context,
      VMSpec.fromPartial({ name: "a", cpus: 1, memoryBytes: GiB, ...required, placement: { host } }),
    );
  expect(hypervisor.hosts.map((host) => host.nested)).toEqual([
    Tristate.TRUE,
    Tristate.FALSE,
    Tristate.UNKNOWN,
  ]);
  const outcomes = ["host-1", "host-2", "host-3"].map((host) =>
    on(host).applied.some(({ outcome }) => outcome === Outcome.REFUSED),
  );
  expect(outcomes).toEqual([false, true, false]);
});
