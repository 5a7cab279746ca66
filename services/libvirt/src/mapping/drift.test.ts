import { describe, expect, test } from "@jest/globals";
import {
  ChangeEffect,
  Feature,
  Firmware,
  LatencySensitivity,
  NestedPolicy,
  type VMSpec,
} from "@virtrigaud/proto";
import { changes, driftLines } from "./drift.ts";
import { effectiveSpec } from "./plan.ts";
import { Problems } from "./problems.ts";
import { redefined } from "./redefine.ts";
import { intel } from "./testing/sample-hosts.ts";
import { type Part, plan, spec, uid } from "./testing/sample-plan.ts";
import { testdata } from "./testing/testdata.ts";
import { all, el, type Element, first, parseXml } from "./xml.ts";

const gib = 1024 ** 3;
const before: Part<VMSpec> = {
  cpus: 2,
  memoryBytes: 4 * gib,
  cpuHotAdd: true,
  memoryHotAdd: true,
  disks: [
    { name: "root", sizeBytes: 20 * gib },
    { name: "data", sizeBytes: 10 * gib },
  ],
  networkInterfaces: [{ name: "front", libvirt: { network: "default" } }],
};

function drift(after: Part<VMSpec>, runs = true, edit: (domain: Element) => Element = (domain) => domain) {
  const stored = plan(before);
  const { domain: wanted, violations } = plan({ ...before, ...after });
  expect(violations).toEqual([]);
  const held = edit(stored.domain);
  return changes({
    spec: effectiveSpec(spec({ ...before, ...after }), intel(), new Problems()).spec,
    uid,
    wanted,
    stored: held,
    live: runs ? held : undefined,
    capacities: new Map(stored.plan?.volumes.map(({ path, capacityBytes = 0 }) => [path, capacityBytes])),
  });
}

const live = ChangeEffect.LIVE;
const restart = ChangeEffect.RESTART_REQUIRED;

describe("changes to a running domain", () => {
  test("none", () => expect(drift({})).toEqual([]));

  test("CPUs and memory are added within the headroom", () => {
    expect(
      drift({ cpus: 4, memoryBytes: 6 * gib, cpuHotAdd: true }).filter(({ effect }) => effect === live),
    ).toEqual([
      {
        feature: Feature.CPU,
        subject: "",
        effect: live,
        description: "2 → 4",
        action: { kind: "set-vcpus", count: 4 },
      },
      {
        feature: Feature.MEMORY,
        subject: "",
        effect: live,
        description: "4194304 KiB → 6291456 KiB",
        action: {
          kind: "attach-device",
          xml: '<memory model="dimm">\n  <target>\n    <size unit="KiB">2097152</size>\n    <node>0</node>\n  </target>\n</memory>',
        },
      },
    ]);
  });

  test.each<[string, Part<VMSpec>, [Feature, string, ChangeEffect][]]>([
    ["fewer CPUs", { cpus: 1 }, [[Feature.CPU, "2 → 1", restart]]],
    ["less memory", { memoryBytes: 2 * gib }, [[Feature.MEMORY, "4194304 KiB → 2097152 KiB", restart]]],
    [
      "memory that no DIMM has",
      { memoryBytes: 4 * gib + 1024 ** 2 },
      [[Feature.MEMORY, "4194304 KiB → 4195328 KiB", restart]],
    ],
    ["beyond the headroom", { cpus: 9 }, [[Feature.CPU, "2 → 9", restart]]],
    [
      "nesting on",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      [[Feature.NESTED_VIRTUALIZATION, "unset → vmx=require", restart]],
    ],
    ["firmware", { firmware: Firmware.UEFI }, [[Feature.FIRMWARE_UEFI, "unset → efi", restart]]],
    ["tags", { tags: ["x"] }, [[Feature.TAGS, "unset → x", live]]],
    [
      "a grown disk",
      {
        disks: [
          { name: "root", sizeBytes: 30 * gib },
          { name: "data", sizeBytes: 10 * gib },
        ],
      },
      [[Feature.DISK_SIZE, `${20 * gib} → ${30 * gib} bytes`, live]],
    ],
    [
      "a limited disk",
      {
        disks: [
          { name: "root", sizeBytes: 20 * gib, iopsLimit: 100 },
          { name: "data", sizeBytes: 10 * gib },
        ],
      },
      [[Feature.DISK_IOPS_LIMIT, "unset → 100", restart]],
    ],
    [
      "a disk less",
      { disks: [{ name: "root", sizeBytes: 20 * gib }] },
      [[Feature.DISK_SIZE, "attached → detached, kept", live]],
    ],
    [
      "another network",
      { networkInterfaces: [{ name: "front", libvirt: { bridge: "br0" } }] },
      [
        [
          Feature.NETWORK_INTERFACE,
          "network default, virtio, VLAN none, MTU default → bridge br0, virtio, VLAN none, MTU default",
          restart,
        ],
      ],
    ],
    [
      "another interface",
      {
        networkInterfaces: [
          { name: "front", libvirt: { network: "default" } },
          { name: "back", libvirt: { bridge: "br0" } },
        ],
      },
      [[Feature.NETWORK_INTERFACE, "absent → attached", live]],
    ],
  ])("%s", (_, after, expected) => {
    const found = drift(after).filter(
      ({ feature }) => feature !== Feature.CPU_HOT_ADD && feature !== Feature.MEMORY_HOT_ADD,
    );
    expect(found.map(({ feature, description, effect }) => [feature, description, effect])).toEqual(expected);
  });

  test("what is gone from the spec is taken away", () => {
    const withTpm = (domain: Element): Element => ({
      ...domain,
      children: domain.children.map((child) =>
        child.name === "devices"
          ? {
              ...child,
              children: [
                ...child.children,
                el("tpm", { model: "tpm-crb" }, [el("backend", { version: "2.0" })]),
              ],
            }
          : child,
      ),
    });
    expect(driftLines(drift({}, false, withTpm))).toEqual(["tpm: tpm-crb 2.0 → unset"]);
  });
});

test("a domain that is off takes everything at once, without a call of its own", () => {
  const found = drift(
    { cpus: 9, firmware: Firmware.UEFI, latencySensitivity: LatencySensitivity.LOW },
    false,
  );
  expect(found.every(({ effect, action }) => effect === live && action === undefined)).toBe(true);
  expect(driftLines(found)).toEqual([
    "cpu: 2 → 9",
    "firmware_uefi: unset → efi",
    "cpu_hot_add: max=8 → max=36",
    "latency_sensitivity: default → shares=512",
  ]);
});

test("the host's wavering speed is no change of a CPU limit", () => {
  const asked = { cpuAllocation: { limitMhz: 2000 } };
  const at = (coreMhz: number) => plan(asked, { host: intel({ node: { ...intel().node, coreMhz } }) }).domain;
  const compare = (coreMhz: number) =>
    changes({
      spec: spec(asked),
      uid,
      wanted: at(coreMhz),
      stored: at(2400),
      live: undefined,
      capacities: new Map(),
    });
  expect(compare(2350)).toEqual([]);
  expect(driftLines(compare(1200))).toEqual([
    "cpu_limit: global_quota=83333, global_period=100000 → global_quota=166667, global_period=100000",
  ]);
});

describe("a domain that is defined anew", () => {
  const stored = parseXml(testdata("stored-libvirt9.xml"));

  test("keeps its machine version and the places of its devices", () => {
    const { domain } = plan({ name: "nested-1", cpus: 1, firmware: Firmware.UEFI, iommu: true });
    const merged = redefined(domain, stored);
    expect(first(merged, "os", "type")?.attributes.machine).toBe("pc-q35-7.2");
    const rng = first(merged, "devices", "rng", "address");
    expect(rng).toEqual(first(stored, "devices", "rng", "address"));
    expect(rng).toBeDefined();
    expect(all(merged, "devices", "controller")).toEqual(all(stored, "devices", "controller"));
    expect(redefined(merged, stored)).toEqual(merged);
  });

  test("keeps its CPUs", () => {
    const asked = { latencySensitivity: LatencySensitivity.HIGH };
    const held = plan(asked).domain;
    const later = plan(asked, { host: intel({ pinnedCpus: new Set([0, 8]) }) }).domain;
    expect(first(later, "cputune")).not.toEqual(first(held, "cputune"));
    expect(first(redefined(later, held), "cputune")).toEqual(first(held, "cputune"));
  });
});
