import { describe, expect, test } from "@jest/globals";
import { outcomeTable } from "@virtrigaud/kit/outcomes";
import { Feature, Outcome } from "@virtrigaud/proto";
import { rowSpecs } from "./testing/row-specs.ts";
import { plan, uid } from "./testing/sample-plan.ts";
import type { Parameters } from "./vm-config.ts";

interface Case {
  /** The options that the knob is in, and all that they hold; undefined: the option is not sent. */
  holds: Readonly<Record<string, string | number | undefined>>;
  value: string;
  implies?: readonly [Feature, string][];
}

const uefi = (knob: string): [Feature, string][] => [[Feature.FIRMWARE_UEFI, `needed by ${knob}`]];
const ovmf = (keys: 0 | 1) => ({
  bios: "ovmf",
  efidisk0: `local-lvm:1,efitype=4m,pre-enrolled-keys=${keys}`,
});

/** The Proxmox VE cell of each row that is not refused, for what {@link rowSpecs} asks of a VM of 2 CPUs and 4 GiB on the Intel node. */
const cases: Record<string, Case> = {
  cpu: { holds: { sockets: 1, cores: 3, vcpus: undefined }, value: "3" },
  memory: { holds: { memory: "6144" }, value: "6144 MiB" },
  "firmware-bios": { holds: { bios: "seabios", efidisk0: undefined }, value: "seabios" },
  "firmware-uefi": { holds: { ...ovmf(0), machine: "q35" }, value: "ovmf" },
  "cpu-hot-add": {
    holds: { sockets: 1, cores: 8, vcpus: 2, hotplug: "network,disk,usb,cpu" },
    value: "vcpus=2 of 8, hotplug=cpu",
  },
  "cpu-hot-add-off": {
    holds: { cores: 2, vcpus: undefined, hotplug: "network,disk,usb" },
    value: "hotplug without cpu",
  },
  "memory-hot-add": {
    holds: { numa: 1, hotplug: "network,disk,usb,memory" },
    value: "numa=1, hotplug=memory",
  },
  "memory-hot-add-off": {
    holds: { numa: undefined, hotplug: "network,disk,usb" },
    value: "hotplug without memory",
  },
  "nested-required": {
    holds: { cpu: "Icelake-Server-noTSX,flags=+nested-virt", kvm: undefined },
    value: "Icelake-Server-noTSX,flags=+nested-virt",
  },
  "nested-disabled": {
    holds: { cpu: "x86-64-v2-AES,flags=-nested-virt" },
    value: "x86-64-v2-AES,flags=-nested-virt",
  },
  vbs: {
    holds: {
      cpu: "Icelake-Server-noTSX,flags=+nested-virt;+hv-tlbflush;+hv-evmcs",
      ostype: "win11",
      ...ovmf(1),
      machine: "q35,viommu=intel",
    },
    value: "cpu=Icelake-Server-noTSX,flags=+nested-virt;+hv-tlbflush;+hv-evmcs, ostype=win11",
    implies: [
      ...uefi("virtualizationBasedSecurity"),
      [Feature.NESTED_VIRTUALIZATION, "needed by virtualizationBasedSecurity"],
      [Feature.SECURE_BOOT, "needed by virtualizationBasedSecurity"],
      [Feature.IOMMU, "needed by virtualizationBasedSecurity"],
    ],
  },
  "latency-low": { holds: { cpuunits: 50 }, value: "cpuunits=50" },
  "latency-normal": { holds: { cpuunits: undefined }, value: "default" },
  "hyper-threading-auto": { holds: {}, value: "default" },
  "hyper-threading-prefer": { holds: {}, value: "default" },
  "secure-boot": { holds: ovmf(1), value: "pre-enrolled-keys=1", implies: uefi("secureBoot") },
  "tpm-2.0": {
    holds: { tpmstate0: "local-lvm:1,version=v2.0", bios: "ovmf" },
    value: "v2.0",
    implies: uefi("tpmEnabled"),
  },
  "tpm-1.2": {
    holds: { tpmstate0: "local-lvm:1,version=v1.2", bios: "ovmf" },
    value: "v1.2",
    implies: uefi("tpmEnabled"),
  },
  iommu: { holds: { machine: "q35,viommu=intel" }, value: "viommu=intel" },
  // 100 × (1 + 4000 MHz / 2 CPUs of 1,000).
  "cpu-reservation": { holds: { cpuunits: 300 }, value: "cpuunits=300" },
  "memory-reservation": { holds: { balloon: 2048 }, value: "balloon=2048" },
  // Of CPUs with 2,000 MHz.
  "cpu-limit": { holds: { cpulimit: 0.6 }, value: "cpulimit=0.6" },
  "memory-limit": { holds: { memory: "4096" }, value: "4096 MiB" },
  "cpu-shares": { holds: { cpuunits: 8000 }, value: "cpuunits=8000" },
  "cloud-init": {
    holds: { ide2: `nfs:iso/vrtg-${uid}-seed.iso,media=cdrom` },
    value: `nfs:iso/vrtg-${uid}-seed.iso`,
  },
  tags: { holds: { tags: `prod;team-b;vrtg-${uid}` }, value: "prod, team-b" },
};

const refused = outcomeTable.filter(({ cells }) => cells.proxmox.outcome === "REFUSED");

describe("the outcome table's Proxmox VE column", () => {
  test("has a case for every row", () => {
    const ids = outcomeTable.map(({ id }) => id).sort();
    expect(Object.keys(rowSpecs).sort()).toEqual(ids);
    expect([...Object.keys(cases), ...refused.map(({ id }) => id)].sort()).toEqual(ids);
  });

  test.each(Object.entries(cases))("%s", (id, { holds, value, implies = [] }) => {
    const row = outcomeTable.find((one) => one.id === id);
    const cell = row?.cells.proxmox;
    const planned = plan(rowSpecs[id] ?? {});
    expect(planned.violations).toEqual([]);
    const sent: Parameters = planned.plan?.create ?? {};
    expect(Object.fromEntries(Object.keys(holds).map((option) => [option, sent[option]]))).toEqual(holds);
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

  test.each(refused)("$id is refused", ({ id, feature, field, manifest, cells }) => {
    if (cells.proxmox.outcome !== "REFUSED") throw new Error("not a refused cell");
    const { reason, remedy } = cells.proxmox;
    const planned = plan(rowSpecs[id] ?? {});
    const description = `${manifest}: ${remedy}`;
    expect(planned.plan).toBeUndefined();
    expect(planned.violations).toEqual([{ field, reason, description }]);
    expect(planned.applied.filter((one) => one.feature === feature)).toEqual([
      {
        feature,
        outcome: Outcome.REFUSED,
        mechanism: "",
        observedValue: "",
        reason: description,
        subject: "",
      },
    ]);
  });
});
