import { describe, expect, test } from "@jest/globals";
import { NestedPolicy, type VMSpec } from "@virtrigaud/proto";
import type { Node, Template } from "./inventory.ts";
import { amd, intel, older, skylake, storages } from "./testing/sample-nodes.ts";
import { image, inventory, type Part, plan, settings, ubuntu } from "./testing/sample-plan.ts";

const gib = 2 ** 30;
const nested: Part<VMSpec> = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
const on = (asked: Part<VMSpec>, nodes: readonly Node[], more = {}) =>
  plan(asked, { inventory: inventory(...nodes), ...more });

const shared: Template = {
  ...ubuntu,
  config: { ...ubuntu.config, scsi0: "nfs:9000/base-9000-disk-0.qcow2,size=10G" },
};

describe("the node is", () => {
  test.each<[string, Part<VMSpec>, Node[], object, string]>([
    [
      "the one with the most free memory",
      {},
      [skylake(), intel(), amd({ memoryFreeBytes: 130 * gib })],
      {},
      "pve3",
    ],
    ["the one that is named", { placement: { host: "pve2" } }, [intel(), skylake()], {}, "pve2"],
    [
      "the operator's, where none is named",
      {},
      [intel(), skylake()],
      { settings: { ...settings, node: "pve2" } },
      "pve2",
    ],
    ["one that is online", {}, [intel({ online: false }), skylake()], {}, "pve2"],
    ["one that can nest", nested, [intel({ nestedVirt: false }), skylake()], {}, "pve2"],
    [
      "one that is known to nest rather than one that does not tell",
      nested,
      [older("8.4.5"), skylake()],
      {},
      "pve2",
    ],
    [
      "one that does not tell, where none is known to nest",
      nested,
      [older("8.4.5"), skylake({ nestedVirt: false })],
      {},
      "pve1",
    ],
    [
      "one that has the storage",
      { disks: [{ name: "root", sizeBytes: gib, storageClass: "thick" }] },
      [intel({ storages: storages.slice(0, 2) }), skylake()],
      {},
      "pve2",
    ],
    [
      "one that has the bridge",
      { networkInterfaces: [{ name: "a", proxmox: { bridge: "lab" } }] },
      [intel({ bridges: ["vmbr0"] }), skylake()],
      {},
      "pve2",
    ],
    ["one with CPUs enough", { cpus: 60 }, [intel({ threads: 8 }), skylake()], {}, "pve2"],
    ["one that is new enough", { iommu: true }, [older("7.4-16"), skylake()], {}, "pve2"],
    [
      "one with room for the reservation",
      { memoryAllocation: { reservationBytes: 4 * gib } },
      [intel({ reserved: { cpuMhz: 0, memoryBytes: 254 * gib } }), skylake()],
      {},
      "pve2",
    ],
    [
      "the template's, where its storage is not shared",
      { image },
      [intel({ memoryFreeBytes: gib }), skylake()],
      { template: ubuntu },
      "pve1",
    ],
    [
      "the template's, where another node does not see the shared storage",
      { image },
      [intel({ memoryFreeBytes: gib }), skylake({ storages: storages.filter(({ name }) => name !== "nfs") })],
      { template: shared },
      "pve1",
    ],
    [
      "any, where the template's storage is shared",
      { image },
      [intel({ memoryFreeBytes: gib }), skylake()],
      { template: shared },
      "pve2",
    ],
  ])("%s", (_, asked, nodes, more, name) => {
    const planned = on(asked, nodes, more);
    expect(planned.violations).toEqual([]);
    expect(planned.plan?.node).toBe(name);
  });
});

test("a clone for another node says so", () => {
  const { plan: made } = on({ image }, [intel({ memoryFreeBytes: gib }), skylake()], { template: shared });
  expect(made?.clone).toMatchObject({ from: { node: "pve1", vmid: 9000 }, parameters: { target: "pve2" } });
});

describe("no node", () => {
  test.each<[string, Part<VMSpec>, Node[], [field: string, reason: string, description: RegExp][]]>([
    [
      "of the name",
      { placement: { host: "pve9" } },
      [intel(), skylake()],
      [["spec.placement.host", "PLACEMENT_UNKNOWN", /no node pve9; there are: pve1, pve2/]],
    ],
    [
      "that is online",
      {},
      [intel({ online: false })],
      [["spec.placement.host", "NODE_OFFLINE", /no node .* is online \(pve1\)/]],
    ],
    [
      "can nest, each with its own reason",
      nested,
      [intel({ nestedVirt: false }), amd({ nestedVirt: false })],
      [
        [
          "spec.nested_virtualization",
          "NESTED_UNSUPPORTED",
          /node pve1 cannot.*kvm-intel nested=1.*; node pve3 cannot.*kvm-amd nested=1/,
        ],
      ],
    ],
    [
      "has everything at once",
      { ...nested, networkInterfaces: [{ name: "a", proxmox: { bridge: "lab" } }] },
      [intel({ nestedVirt: false }), skylake({ bridges: ["vmbr0"] })],
      [
        ["spec.nested_virtualization", "NESTED_UNSUPPORTED", /^node pve1 cannot/],
        [
          "spec.network_interfaces[a].proxmox.bridge",
          "NETWORK_UNKNOWN",
          /^node pve2 has no bridge or SDN vnet lab/,
        ],
      ],
    ],
    [
      "differs in what is wrong everywhere",
      { name: "a b", placement: { folder: "x", cluster: "y" } },
      [intel(), skylake()],
      [
        ["spec.placement.cluster", "PLACEMENT_UNSUPPORTED", /no cluster/],
        ["spec.placement.folder", "PLACEMENT_UNSUPPORTED", /no folder/],
        [
          "spec.name",
          "INVALID_NAME",
          /^Proxmox VE takes DNS names only[^;]*; choose another name, or set Provider.spec.naming$/,
        ],
      ],
    ],
    [
      "has as much memory",
      { memoryBytes: 300 * gib },
      [intel()],
      [["spec.memory_bytes", "CAPACITY", /node pve1 has 274877906944 bytes/]],
    ],
    [
      "has as many CPUs",
      { cpus: 65 },
      [intel()],
      [["spec.cpus", "CAPACITY", /node pve1 has 64 hardware threads/]],
    ],
    [
      "has the MHz left",
      { cpuAllocation: { reservationMhz: 4000 } },
      [intel({ reserved: { cpuMhz: 125_000, memoryBytes: 0 } })],
      [["spec.cpu_allocation.reservation_mhz", "CAPACITY", /has 128000 MHz, of which 125000/]],
    ],
  ])("%s", (_, asked, nodes, expected) => {
    const planned = on(asked, nodes);
    expect(planned.plan).toBeUndefined();
    expect(planned.violations).toEqual(
      expected.map(([field, reason, description]) => ({
        field,
        reason,
        description: expect.stringMatching(description),
      })),
    );
  });
});
