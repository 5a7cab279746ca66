import { describe, expect, test } from "@jest/globals";
import { ChangeEffect, DiskProvisioning, Feature, NestedPolicy, type VMSpec } from "@virtrigaud/proto";
import { type ExistingPlan, planExisting } from "./existing.ts";
import type { FoundDomain } from "./found-domain.ts";
import { type Marker } from "./metadata.ts";
import { planVm, type PlanInput } from "./plan.ts";
import { intel } from "./testing/sample-hosts.ts";
import { type Part, marker, spec, ubuntu } from "./testing/sample-plan.ts";
import { all, el, type Element, first, renderXml, textOf } from "./xml.ts";

const gib = 1024 ** 3;
const before: Part<VMSpec> = {
  cpus: 2,
  memoryBytes: 4 * gib,
  cpuHotAdd: true,
  memoryHotAdd: true,
  nestedVirtualization: { policy: NestedPolicy.REQUIRED },
  image: { name: "ubuntu", libvirt: { path: ubuntu.path } },
  disks: [
    { name: "root", sizeBytes: 20 * gib },
    { name: "data", sizeBytes: 10 * gib, provisioning: DiskProvisioning.THICK, storageClass: "fast-ssd" },
  ],
};
const stamped = (asked: VMSpec): Marker => ({ ...marker, canonicalSpec: JSON.stringify(asked) });
const pools = [
  { name: "default", type: "dir", path: "/var/lib/libvirt/images", active: true, availableBytes: gib },
  { name: "fast-ssd", type: "dir", path: "/srv/ssd", active: true, availableBytes: 20 * gib },
];
const host = (init: Partial<PlanInput>): PlanInput => ({
  marker,
  spec: spec(before),
  host: intel(),
  pools,
  networks: [],
  settings: { storageClasses: {}, cpuMode: "host-model" },
  image: undefined,
  ...init,
});

/** The VM of `before` as libvirt holds it, off or running. */
function existing(runs: boolean, edit: (domain: Element) => Element = (domain) => domain): FoundDomain {
  const asked = spec(before);
  const { plan, domain, violations } = planVm(host({ marker: stamped(asked), spec: asked, image: ubuntu }));
  expect(violations).toEqual([]);
  const stored = edit(domain);
  return {
    stored,
    live: runs ? stored : undefined,
    state: runs ? 1 : 5,
    hasManagedSave: false,
    volumes: plan?.volumes ?? [],
    stats: new Map(),
    interfaces: [],
  };
}

const reshaped = (after: Part<VMSpec>, found = existing(false)): ExistingPlan =>
  planExisting(host({ spec: spec({ ...before, ...after }) }), found);

describe("planExisting", () => {
  test.each([true, false])("changes nothing where nothing is asked (running: %s)", (runs) => {
    const found = existing(runs);
    const { definition, changes, volumes, violations, invalid } = reshaped({}, found);
    expect([changes, volumes, violations, invalid]).toEqual([[], [], [], []]);
    const withoutMarker = (domain: Element) =>
      renderXml({ ...domain, children: domain.children.filter(({ name }) => name !== "metadata") });
    expect(withoutMarker(definition)).toBe(withoutMarker(found.stored));
  });

  test("hot-add within the room keeps the room, so that nothing waits for a restart", () => {
    const { changes, definition } = reshaped({ cpus: 4, memoryBytes: 6 * gib }, existing(true));
    expect(changes.map(({ feature, effect }) => [feature, effect])).toEqual([
      [Feature.CPU, ChangeEffect.LIVE],
      [Feature.MEMORY, ChangeEffect.LIVE],
    ]);
    expect(first(definition, "vcpu")).toEqual(el("vcpu", { placement: "static", current: 4 }, "8"));
    expect(textOf(definition, "maxMemory")).toBe(String(16 * 1024 ** 2));
    const cell = first(definition, "cpu", "numa", "cell")?.attributes;
    expect(cell).toMatchObject({ cpus: "0-7", memory: String(6 * 1024 ** 2) });
  });

  test("a new disk has a volume made, a grown one does not, and the image is not looked at", () => {
    const disks = [
      { name: "root", sizeBytes: 30 * gib },
      { name: "data", sizeBytes: 10 * gib, provisioning: DiskProvisioning.THICK, storageClass: "fast-ssd" },
      { name: "more", sizeBytes: gib },
    ];
    const { volumes, changes, violations } = reshaped({ disks, image: { name: "gone" } });
    expect(violations).toEqual([]);
    expect(volumes.map(({ disk, pool, backing }) => [disk, pool, backing])).toEqual([
      ["more", "default", undefined],
    ]);
    expect(changes.map(({ subject, description, action }) => [subject, description, action])).toEqual([
      ["more", "absent → attached", undefined],
      [
        "root",
        `${20 * gib} → ${30 * gib} bytes`,
        {
          kind: "grow-disk",
          target: "vda",
          path: `/var/lib/libvirt/images/${marker.uid}-root.qcow2`,
          capacityBytes: 30 * gib,
        },
      ],
    ]);
  });

  test.each<[string, Part<VMSpec>, (plan: ExistingPlan) => unknown, unknown]>([
    [
      "a disk that would shrink",
      { disks: [{ name: "root", sizeBytes: 10 * gib }] },
      ({ invalid }) => invalid,
      [
        {
          field: "spec.disks[root].size_bytes",
          reason: "DISK_SHRINK",
          description: `disk root has ${20 * gib} bytes and cannot shrink to ${10 * gib}`,
        },
      ],
    ],
    [
      "a disk in another pool",
      { disks: [{ name: "root", storageClass: "fast-ssd" }] },
      ({ violations }) => violations.map(({ reason }) => reason),
      ["DISK_MOVE_UNSUPPORTED"],
    ],
    [
      "another name",
      { name: "vm-2" },
      ({ violations }) => violations.map(({ reason }) => reason),
      ["NAME_IMMUTABLE"],
    ],
  ])("refuses %s", (_, after, part, expected) => expect(part(reshaped(after))).toEqual(expected));

  test("keeps what others stamped on the domain, its controllers, and the file that a snapshot moved a disk to", () => {
    const snapshot = `/var/lib/libvirt/images/${marker.uid}-root.snap`;
    const found = existing(false, (domain) => ({
      ...domain,
      children: domain.children.map((child) => {
        if (child.name === "metadata")
          return { ...child, children: [...child.children, el("os:info", { id: "debian" })] };
        if (child.name !== "devices") return child;
        const devices = child.children.map((device) =>
          textOf(device, "serial") === "root"
            ? {
                ...device,
                children: device.children.map((one) =>
                  one.name === "source" ? el("source", { file: snapshot }) : one,
                ),
              }
            : device,
        );
        return { ...child, children: [...devices, el("controller", { type: "pci", index: 7 })] };
      }),
    }));
    const { definition, changes, volumes } = reshaped(
      {},
      { ...found, volumes: [...found.volumes, { path: snapshot, pool: "default", capacityBytes: 20 * gib }] },
    );
    expect([changes, volumes]).toEqual([[], []]);
    expect(all(definition, "metadata", "os:info")).toHaveLength(1);
    expect(all(definition, "devices", "controller").map(({ attributes }) => attributes.index)).toContain("7");
    expect(all(definition, "devices", "disk", "source")[0]?.attributes.file).toBe(snapshot);
  });
});
