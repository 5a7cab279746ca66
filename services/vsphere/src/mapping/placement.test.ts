import { describe, expect, test } from "@jest/globals";
import { LatencySensitivity, NestedPolicy, type VMSpec } from "@virtrigaud/proto";
import { host, inventory } from "../testing/sample-inventory.ts";
import { type Part, spec } from "../testing/sample-vm.ts";
import type { Inventory } from "./inventory.ts";
import { choosePlacement } from "./placement.ts";
import { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";

const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
const blank: Part<VMSpec> = {};
const cloned: Part<VMSpec> = { image: { name: "i", vsphere: { templateName: "ubuntu" } } };

function place(
  asked: Part<VMSpec>,
  more: Partial<Inventory> = {},
  defaults: Settings["defaults"] = {},
  near: string[] = [],
) {
  const problems = new Problems();
  const scope = {
    inventory: inventory(more),
    settings: { defaults, storageClasses: {} },
    templateDatacenters: near,
  };
  const placement = choosePlacement(spec(asked), scope, problems);
  return {
    violations: problems.violations,
    placement: placement && {
      datacenter: placement.datacenter.name,
      folder: placement.folder,
      pool: placement.pool,
      candidates: placement.candidates.map(({ name }) => name),
      host: placement.host?.name,
    },
  };
}

/** dc1 with cluster c1 (esx-1, esx-2) and dc2 with another c1 (esx-3, which has more free memory). */
const twoDatacenters = (): Partial<Inventory> => {
  const one = inventory();
  const inSecond = { datacenter: "datacenter-2" };
  return {
    datacenters: [
      ...one.datacenters,
      { id: "datacenter-2", name: "dc2", vmFolder: "group-v9", datacenter: "datacenter-2" },
    ],
    computeResources: [
      ...one.computeResources,
      { id: "domain-2", name: "c1", rootPool: "resgroup-9", hosts: ["host-3"], ...inSecond },
    ],
    resourcePools: [
      ...one.resourcePools,
      { id: "resgroup-9", name: "Resources", computeResource: "domain-2", ...inSecond },
      { id: "resgroup-8", name: "nested", computeResource: "domain-2", ...inSecond },
    ],
    hosts: [
      ...one.hosts,
      host(3, {
        computeResource: "domain-2",
        memoryFreeBytes: 2 ** 40,
        datastores: ["datastore-3"],
        networks: [],
        ...inSecond,
      }),
    ],
    datastores: [
      ...one.datastores,
      { id: "datastore-3", name: "remote", accessible: true, freeBytes: 1, ...inSecond },
    ],
  };
};

const whole = {
  datacenter: "dc1",
  folder: { existing: "group-v1", missing: [] },
  pool: "resgroup-1",
  candidates: ["esx-1", "esx-2"],
  host: undefined,
};
const on = (name: string) => ({ ...whole, candidates: [name], host: name });

describe("where a VM goes", () => {
  test.each<[string, Part<VMSpec>, Partial<Inventory>, object]>([
    ["a clone: vCenter chooses the host", cloned, {}, whole],
    ["a blank VM: on a host, for clusters without DRS", blank, {}, on("esx-1")],
    ["a nested clone where all hosts can", { ...cloned, ...nested }, {}, whole],
    [
      "a nested clone in a mixed cluster: on a host that can",
      { ...cloned, ...nested },
      { hosts: [host(1, { nestedHVSupported: false }), host(2)] },
      on("esx-2"),
    ],
    [
      "nested where one host can and one does not tell: on the one that can",
      { ...cloned, ...nested },
      { hosts: [host(1, { nestedHVSupported: undefined }), host(2)] },
      on("esx-2"),
    ],
    [
      "nested where no host tells: anywhere",
      { ...cloned, ...nested },
      { hosts: [host(1, { nestedHVSupported: undefined }), host(2, { nestedHVSupported: undefined })] },
      whole,
    ],
    [
      "not nested where no host can: anywhere",
      cloned,
      { hosts: [host(1, { nestedHVSupported: false }), host(2, { nestedHVSupported: false })] },
      whole,
    ],
    [
      "latency high: on a host, whose speed counts",
      { ...cloned, latencySensitivity: LatencySensitivity.HIGH },
      {},
      on("esx-1"),
    ],
    [
      "a host is in maintenance: on another",
      cloned,
      { hosts: [host(1, { available: false }), host(2)] },
      on("esx-2"),
    ],
    ["a host by name", { ...cloned, placement: { host: "esx-2" } }, {}, on("esx-2")],
    [
      "a pool by name",
      { ...cloned, placement: { resourcePool: "nested" } },
      {},
      { ...whole, pool: "resgroup-2" },
    ],
    [
      "a folder by path",
      { ...cloned, placement: { folder: "/labs/" } },
      {},
      { ...whole, folder: { existing: "group-v2", missing: [] } },
    ],
    [
      "a folder that is to be made",
      { ...cloned, placement: { folder: "labs/nested/a" } },
      {},
      { ...whole, folder: { existing: "group-v2", missing: ["nested", "a"] } },
    ],
    [
      "hosts with local disks only: on one of them",
      cloned,
      { hosts: [host(1, { datastores: ["datastore-1"] }), host(2, { datastores: ["datastore-2"] })] },
      on("esx-1"),
    ],
    [
      "a datastore of one host: on that host",
      { ...cloned, placement: { datastore: "bulk" } },
      { hosts: [host(1, { datastores: ["datastore-1"] }), host(2)] },
      on("esx-2"),
    ],
    [
      "a network of one host: on that host",
      { ...cloned, networkInterfaces: [{ name: "eth0", vsphere: { portgroup: "lab" } }] },
      { hosts: [host(1, { networks: ["network-1"] }), host(2)] },
      on("esx-2"),
    ],
  ])("%s", (_, asked, more, placement) => {
    expect(place(asked, more)).toEqual({ violations: [], placement });
  });

  test.each<[string, Part<VMSpec>, Settings["defaults"], string[], string]>([
    ["the one with the most free memory", cloned, {}, [], "esx-3"],
    ["by name", { ...cloned, placement: { datacenter: "dc1" } }, {}, [], ""],
    ["the operator's default", cloned, { datacenter: "dc1" }, [], ""],
    ["the template's", cloned, {}, ["datacenter-1"], ""],
    ["the named datastore's", { ...cloned, placement: { datastore: "bulk" } }, {}, [], ""],
    [
      "the named host's, whatever the default cluster",
      { ...cloned, placement: { host: "esx-3" } },
      { cluster: "gone" },
      [],
      "esx-3",
    ],
  ])("of several datacenters %s", (_, asked, defaults, near, pinned) => {
    const { violations, placement } = place(asked, twoDatacenters(), defaults, near);
    expect(violations).toEqual([]);
    expect(placement).toEqual(
      pinned === ""
        ? whole
        : {
            datacenter: "dc2",
            folder: { existing: "group-v9", missing: [] },
            pool: "resgroup-9",
            candidates: ["esx-3"],
            host: placement?.host,
          },
    );
  });
});

describe("a placement that cannot be", () => {
  const known = "within what else the placement names; there are:";
  test.each<[string, Part<VMSpec>, Partial<Inventory>, [string, string, string][]]>([
    [
      "host",
      { placement: { host: "esx-9" } },
      {},
      [["spec.placement.host", "PLACEMENT_UNKNOWN", `no host esx-9 ${known} esx-1, esx-2`]],
    ],
    [
      "cluster",
      { placement: { cluster: "c9" } },
      {},
      [["spec.placement.cluster", "PLACEMENT_UNKNOWN", `no cluster c9 ${known} c1`]],
    ],
    [
      "datacenter",
      { placement: { datacenter: "dc9" } },
      {},
      [["spec.placement.datacenter", "PLACEMENT_UNKNOWN", `no datacenter dc9 ${known} dc1`]],
    ],
    [
      "resource pool",
      { placement: { resourcePool: "gold" } },
      {},
      [
        [
          "spec.placement.resource_pool",
          "PLACEMENT_UNKNOWN",
          `no resource pool gold ${known} Resources, nested`,
        ],
      ],
    ],
    [
      "host of another datacenter",
      { placement: { datacenter: "dc2", host: "esx-1" } },
      twoDatacenters(),
      [["spec.placement.host", "PLACEMENT_UNKNOWN", `no host esx-1 ${known} esx-1, esx-2, esx-3`]],
    ],
    [
      "cluster of which there are two",
      { placement: { cluster: "c1" } },
      twoDatacenters(),
      [
        [
          "spec.placement.cluster",
          "PLACEMENT_AMBIGUOUS",
          "there are 2 of cluster c1; add placement.datacenter to tell them apart",
        ],
      ],
    ],
    [
      "pool of which there are two",
      { placement: { resourcePool: "nested" } },
      twoDatacenters(),
      [
        [
          "spec.placement.resource_pool",
          "PLACEMENT_AMBIGUOUS",
          "there are 2 of resource pool nested; add placement.cluster to tell them apart",
        ],
      ],
    ],
    [
      "no host that can nest",
      nested,
      { hosts: [host(1, { nestedHVSupported: false }), host(2, { nestedHVSupported: false })] },
      [
        [
          "spec.nested_virtualization",
          "NESTED_UNSUPPORTED",
          "nested virtualization is required, but no host can give it (esx-1, esx-2: capability.nestedHVSupported=false); switch on Intel VT-x with EPT or AMD-V with RVI in the host's firmware setup, then power the host off and on; for an ESXi host that is itself a VM: set nestedHVEnabled on that VM (Expose hardware assisted virtualization to the guest OS); check: vim-cmd hostsvc/hosthardware | grep -i nestedHV, or Host.capability.nestedHVSupported in the Managed Object Browser",
        ],
      ],
    ],
    [
      "the named host cannot nest, another could",
      { ...nested, placement: { host: "esx-1" } },
      { hosts: [host(1, { nestedHVSupported: false }), host(2)] },
      [["spec.nested_virtualization", "NESTED_UNSUPPORTED", expect.stringContaining("(esx-1: ")]] as never,
    ],
    [
      "no host is available",
      {},
      { hosts: [host(1, { available: false }), host(2, { available: false })] },
      [
        [
          "spec.placement",
          "CAPACITY",
          "no host in scope is connected and out of maintenance mode (esx-1, esx-2); connect one or name another",
        ],
      ],
    ],
  ])("%s", (_, asked, more, violations) => {
    expect(place(asked, more)).toEqual({
      placement: undefined,
      violations: violations.map(([field, reason, description]) => ({ field, reason, description })),
    });
  });
});
