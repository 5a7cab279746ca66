import { describe, expect, test } from "@jest/globals";
import { type PveOptions, pveVersions, startPve } from "@virtrigaud/fakes";
import { CpuVendor, NestedPolicy } from "@virtrigaud/proto";
import fc from "fast-check";
import { hostReport } from "./hosts.ts";
import { type InventoryAnswers, readInventory } from "./read-inventory.ts";
import type { NodeAnswers } from "./read-node.ts";
import { marker, plan, settings } from "./testing/sample-plan.ts";

const gib = 2 ** 30;
const none: InventoryAnswers = {
  version: undefined,
  nodes: undefined,
  resources: undefined,
  details: new Map(),
  reserved: new Map(),
};

/** Asks a simulated cluster what the provider would ask. */
async function ask(options: PveOptions): Promise<InventoryAnswers> {
  const pve = await startPve({ ...options, tls: false });
  const { id, secret } = pve.token;
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${pve.url}/api2/json${path}`, {
      headers: { authorization: `PVEAPIToken=${id}=${secret}` },
    });
    return answer.ok ? ((await answer.json()) as { data: unknown }).data : undefined;
  };
  try {
    const nodes = (await get("/nodes")) as { node: string; status: string }[];
    const details = nodes
      .filter(({ status }) => status === "online")
      .map(
        async ({ node }): Promise<[string, NodeAnswers]> => [
          node,
          {
            status: await get(`/nodes/${node}/status`),
            version: await get(`/nodes/${node}/version`),
            networks: await get(`/nodes/${node}/network?type=any_bridge`),
            storages: await get(`/nodes/${node}/storage`),
            machines: await get(`/nodes/${node}/capabilities/qemu/machines`),
          },
        ],
      );
    return {
      version: await get("/version"),
      nodes,
      resources: await get("/cluster/resources"),
      cpuFlags: await get(`/nodes/${nodes[0]?.node}/capabilities/qemu/cpu-flags?accel=kvm`),
      permissions: await get("/access/permissions"),
      details: new Map(await Promise.all(details)),
      reserved: new Map([["pve2", { cpuMhz: 1000, memoryBytes: gib }]]),
    };
  } finally {
    await pve.stop();
  }
}

const cluster: PveOptions = {
  nodes: [
    { name: "pve2", vendor: "amd", nesting: false, memoryBytes: 32 * gib, bridges: ["vmbr0", "lab"] },
    { name: "pve1", cpus: 8 },
    { name: "pve3", online: false },
  ],
  templates: [{ vmid: 9000, name: "ubuntu" }],
};

describe.each(pveVersions)("a cluster of %s", (version) => {
  test("as its own answers tell it", async () => {
    const inventory = readInventory(await ask({ ...cluster, version }));
    const [pve1, pve2, pve3] = inventory.nodes;
    expect(inventory.nodes.map(({ name, online }) => [name, online])).toEqual([
      ["pve1", true],
      ["pve2", true],
      ["pve3", false],
    ]);
    expect(inventory.templates).toEqual([{ vmid: 9000, name: "ubuntu", node: "pve2" }]);
    expect(inventory.permissions?.get("/vms")?.has("VM.Allocate")).toBe(true);
    expect(pve1).toMatchObject({
      version: expect.stringContaining(version),
      cpuVendor: CpuVendor.INTEL,
      threads: 8,
      coreMhz: 2600,
      memoryBytes: 64 * gib,
      cgroups: version === "6.4" ? 1 : 2,
      nestedVirt: version === "9.2" ? true : undefined,
      bridges: ["vmbr0"],
      reserved: { cpuMhz: 0, memoryBytes: 0 },
    });
    expect(pve1?.cpuFlags?.has("vmx")).toBe(true);
    expect(pve1?.qemu).toMatch(/^(?:5\.2|7\.2|9\.2|10\.0)$/);
    expect(pve1?.storages.map(({ name, type, shared, active }) => [name, type, shared, active])).toEqual([
      ["local", "dir", false, true],
      ["local-lvm", "lvmthin", false, true],
    ]);
    expect(pve1?.storages[0]?.content.has("iso")).toBe(true);
    expect(pve2).toMatchObject({
      cpuVendor: CpuVendor.AMD,
      memoryBytes: 32 * gib,
      memoryFreeBytes: 31 * gib,
      nestedVirt: version === "9.2" ? false : undefined,
      bridges: ["vmbr0", "lab"],
      reserved: { cpuMhz: 1000, memoryBytes: gib },
    });
    expect(pve3).toMatchObject({
      cpuFlags: undefined,
      memoryFreeBytes: undefined,
      storages: [],
      bridges: [],
    });
  });
});

test("what only 9.1 says of flags is not taken for a no", () => {
  const { nodes } = readInventory({
    ...none,
    nodes: [{ node: "pve1", status: "online" }],
    cpuFlags: [{ name: "nested-virt", description: "…" }, { name: "aes" }],
  });
  expect(nodes[0]?.nestedVirt).toBeUndefined();
});

test.each([
  ["6.4-15", undefined, 1],
  ["7.4-16", 1, 1],
  ["7.4-16", undefined, 2],
  ["9.2.11", 2, 2],
])("control groups of %s that tells mode %s: version %d", (version, mode, cgroups) => {
  const resources = [{ type: "node", node: "pve1", ...(mode === undefined ? {} : { "cgroup-mode": mode }) }];
  const { nodes } = readInventory({ ...none, version: { version }, nodes: [{ node: "pve1" }], resources });
  expect(nodes[0]?.cgroups).toBe(cgroups);
});

test.each<[string, CpuVendor, number | undefined]>([
  ["Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", CpuVendor.INTEL, 2400],
  ["AMD EPYC 7543 32-Core Processor", CpuVendor.AMD, 2794.748],
  ["Hygon C86 7285 32-core Processor", CpuVendor.HYGON, 2794.748],
  ["ZHAOXIN KaiSheng KH-37800D", CpuVendor.ZHAOXIN, 2794.748],
  ["POWER9", CpuVendor.OTHER, 2794.748],
  ["", CpuVendor.UNSPECIFIED, 2794.748],
])("the CPU %s", (model, cpuVendor, coreMhz) => {
  const details = new Map([["pve1", { status: { cpuinfo: { model, mhz: "2794.748" } } }]]);
  const { nodes } = readInventory({ ...none, nodes: [{ node: "pve1" }], details });
  expect(nodes[0]).toMatchObject({ cpuVendor, coreMhz });
});

test("an answer with anything in it is read without an error, reported and planned on", () => {
  const keys = fc.constantFrom(
    "node",
    "status",
    "type",
    "version",
    "cpuinfo",
    "flags",
    "model",
    "mhz",
    "storage",
    "content",
    "name",
    "supported-on",
    "iface",
    "maxmem",
    "mem",
    "template",
    "vmid",
  );
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constantFrom(null, true, undefined, "online", "qemu", "node", "nested-virt", Number.NaN, {}, []),
  );
  const anything = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("value")), fc.dictionary(keys, tie("value"))),
  })).value;
  fc.assert(
    fc.property(anything, anything, anything, anything, (nodes, resources, cpuFlags, details) => {
      const answers: InventoryAnswers = {
        version: details,
        nodes: [nodes, { node: "pve1", status: "online" }],
        resources,
        cpuFlags,
        permissions: details,
        details: new Map([
          [
            "pve1",
            { status: details, version: nodes, networks: resources, storages: details, machines: cpuFlags },
          ],
        ]),
        reserved: new Map(),
      };
      const inventory = readInventory(answers);
      for (const node of inventory.nodes) hostReport(node, settings);
      plan({ nestedVirtualization: { policy: NestedPolicy.REQUIRED } }, { inventory, marker });
    }),
    { numRuns: 300 },
  );
});
