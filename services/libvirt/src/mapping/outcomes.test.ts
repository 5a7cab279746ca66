import { describe, expect, test } from "@jest/globals";
import { outcomeTable } from "@virtrigaud/kit/outcomes";
import { Feature, Outcome } from "@virtrigaud/proto";
import { rowSpecs } from "./testing/row-specs.ts";
import { plan, uid } from "./testing/sample-plan.ts";
import { all, el, type Element } from "./xml.ts";

interface Case {
  /** Where in the domain the knob is, and all elements there. */
  at: readonly string[];
  holds: readonly Element[];
  value: string;
  implies?: readonly [Feature, string][];
}

const uefi = (knob: string): [Feature, string][] => [[Feature.FIRMWARE_UEFI, `needed by ${knob}`]];
const on = (name: string) => el(name, { state: "on" });
const secure = el("firmware", {}, [
  el("feature", { enabled: "yes", name: "secure-boot" }),
  el("feature", { enabled: "yes", name: "enrolled-keys" }),
]);
const topology = (cores: number, threads: number) => el("topology", { sockets: 1, cores, threads });

/** The libvirt cell of each row, for what {@link rowSpecs} asks of a VM of 2 CPUs and 4 GiB on the Intel host. */
const cases: Record<string, Case> = {
  cpu: { at: ["vcpu"], holds: [el("vcpu", { placement: "static" }, 3)], value: "3" },
  memory: { at: ["memory"], holds: [el("memory", { unit: "KiB" }, 6291456)], value: "6291456 KiB" },
  "firmware-bios": {
    at: ["os"],
    holds: [el("os", {}, [el("type", { arch: "x86_64", machine: "q35" }, "hvm")])],
    value: "bios",
  },
  "firmware-uefi": {
    at: ["os", "firmware"],
    holds: [el("firmware", {}, [el("feature", { enabled: "no", name: "secure-boot" })])],
    value: "efi",
  },
  "cpu-hot-add": {
    at: ["vcpu"],
    holds: [el("vcpu", { placement: "static", current: 2 }, 8)],
    value: "max=8",
  },
  "cpu-hot-add-off": { at: ["vcpu"], holds: [el("vcpu", { placement: "static" }, 2)], value: "none" },
  "memory-hot-add": {
    at: ["maxMemory"],
    holds: [el("maxMemory", { slots: 16, unit: "KiB" }, 16777216)],
    value: "16777216 KiB",
  },
  "memory-hot-add-off": { at: ["maxMemory"], holds: [], value: "none" },
  "nested-required": {
    at: ["cpu", "feature"],
    holds: [el("feature", { policy: "require", name: "vmx" })],
    value: "vmx=require",
  },
  "nested-disabled": {
    at: ["cpu", "feature"],
    holds: [el("feature", { policy: "disable", name: "vmx" })],
    value: "vmx=disable",
  },
  vbs: {
    at: ["features", "hyperv"],
    holds: [
      el("hyperv", { mode: "custom" }, [
        on("relaxed"),
        on("vapic"),
        el("spinlocks", { state: "on", retries: 8191 }),
        ...["vpindex", "runtime", "synic", "stimer", "frequencies", "tlbflush", "ipi", "evmcs"].map(on),
      ]),
    ],
    value: "relaxed, vapic, spinlocks, vpindex, runtime, synic, stimer, frequencies, tlbflush, ipi, evmcs",
    implies: [
      ...uefi("virtualizationBasedSecurity"),
      [Feature.NESTED_VIRTUALIZATION, "needed by virtualizationBasedSecurity"],
      [Feature.SECURE_BOOT, "needed by virtualizationBasedSecurity"],
      [Feature.IOMMU, "needed by virtualizationBasedSecurity"],
    ],
  },
  "latency-low": {
    at: ["cputune"],
    holds: [el("cputune", {}, [el("shares", {}, 512)])],
    value: "shares=512",
  },
  "latency-normal": { at: ["cputune"], holds: [], value: "default" },
  "latency-high": {
    at: ["memoryBacking"],
    holds: [
      el("memoryBacking", {}, [
        el("hugepages", {}, [el("page", { size: 2048, unit: "KiB" })]),
        el("nosharepages"),
        el("locked"),
      ]),
    ],
    value: "vcpupin, emulatorpin, hugepages, locked",
    implies: [
      [Feature.CPU_RESERVATION, "needed by latencySensitivity: high"],
      [Feature.MEMORY_RESERVATION, "needed by latencySensitivity: high"],
    ],
  },
  "hyper-threading-auto": { at: ["cpu", "topology"], holds: [], value: "no topology" },
  "hyper-threading-prefer": { at: ["cpu", "topology"], holds: [topology(1, 2)], value: "threads=2" },
  "hyper-threading-avoid": { at: ["cpu", "topology"], holds: [topology(2, 1)], value: "threads=1" },
  "hyper-threading-require": {
    at: ["cputune", "vcpupin"],
    holds: [el("vcpupin", { vcpu: 0, cpuset: 0 }), el("vcpupin", { vcpu: 1, cpuset: 8 })],
    value: "threads=2, vcpupin",
  },
  "secure-boot": { at: ["os", "firmware"], holds: [secure], value: "on", implies: uefi("secureBoot") },
  "tpm-2.0": {
    at: ["devices", "tpm"],
    holds: [el("tpm", { model: "tpm-crb" }, [el("backend", { type: "emulator", version: "2.0" })])],
    value: "tpm-crb 2.0",
    implies: uefi("tpmEnabled"),
  },
  "tpm-1.2": {
    at: ["devices", "tpm"],
    holds: [el("tpm", { model: "tpm-tis" }, [el("backend", { type: "emulator", version: "1.2" })])],
    value: "tpm-tis 1.2",
    implies: uefi("tpmEnabled"),
  },
  iommu: {
    at: ["devices", "iommu"],
    holds: [
      el("iommu", { model: "intel" }, [el("driver", { intremap: "on", caching_mode: "on", iotlb: "on" })]),
    ],
    value: "intel, intremap=on",
  },
  // 1024 × (1 + 4000 MHz / 2 CPUs of 1,000).
  "cpu-reservation": { at: ["cputune", "shares"], holds: [el("shares", {}, 3072)], value: "shares=3072" },
  "memory-reservation": {
    at: ["currentMemory"],
    holds: [el("currentMemory", { unit: "KiB" }, 4194304)],
    value: "4194304 KiB",
  },
  "cpu-limit": {
    at: ["cputune"],
    holds: [el("cputune", {}, [el("global_period", {}, 100000), el("global_quota", {}, 50000)])],
    value: "global_quota=50000, global_period=100000",
  },
  "memory-limit": {
    at: ["memtune"],
    holds: [el("memtune", {}, [el("hard_limit", { unit: "KiB" }, 3145728)])],
    value: "3145728 KiB",
  },
  "cpu-shares": { at: ["cputune", "shares"], holds: [el("shares", {}, 8000)], value: "shares=8000" },
  "cloud-init": {
    at: ["devices", "disk", "source"],
    holds: [el("source", { file: `/var/lib/libvirt/images/${uid}-seed.iso` })],
    value: `${uid}-seed.iso`,
  },
  tags: {
    at: ["metadata", "virtrigaud:vm", "virtrigaud:tag"],
    holds: [el("virtrigaud:tag", {}, "team-b"), el("virtrigaud:tag", {}, "prod")],
    value: "team-b, prod",
  },
};

describe("the outcome table's libvirt column", () => {
  test("has a case for every row", () => {
    expect(Object.keys(rowSpecs).sort()).toEqual(outcomeTable.map(({ id }) => id).sort());
    expect(Object.keys(cases).sort()).toEqual(outcomeTable.map(({ id }) => id).sort());
  });

  test.each(Object.entries(cases))("%s", (id, { at, holds, value, implies = [] }) => {
    const row = outcomeTable.find((one) => one.id === id);
    const cell = row?.cells.libvirt;
    const planned = plan(rowSpecs[id] ?? {});
    expect(planned.violations).toEqual([]);
    expect(all(planned.domain, ...at)).toEqual(holds);
    expect(planned.applied.find(({ feature }) => feature === row?.feature)).toEqual({
      feature: row?.feature,
      outcome: cell?.outcome === "SUBSTITUTED" ? Outcome.SUBSTITUTED : Outcome.APPLIED,
      mechanism: cell?.outcome === "REFUSED" ? "" : cell?.mechanism,
      observedValue: value,
      reason: cell?.outcome === "SUBSTITUTED" ? cell.reason : "",
      subject: "",
    });
    const implied = planned.applied.filter(({ outcome }) => outcome === Outcome.IMPLIED);
    expect(implied.map(({ feature, reason }) => [feature, reason])).toEqual(implies);
    expect(implied.every(({ observedValue }) => observedValue !== "")).toBe(true);
  });
});
