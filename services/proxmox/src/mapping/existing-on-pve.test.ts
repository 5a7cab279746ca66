import { afterEach, describe, expect, test } from "@jest/globals";
import { type Pve, type PveVersion, startPve } from "@virtrigaud/fakes";
import {
  ChangeEffect,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
  View,
  type VMSpec,
} from "@virtrigaud/proto";
import { planExisting, type ReadVm } from "./existing.ts";
import { readVm } from "./found-vm.ts";
import { observe } from "./observation.ts";
import type { PlanInput } from "./plan.ts";
import { intel } from "./testing/sample-nodes.ts";
import { inventory, type Part, plan, settings, spec, uid } from "./testing/sample-plan.ts";
import { markerOf } from "./testing/stored-vm.ts";

const gib = 2 ** 30;
const running: Pve[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((pve) => pve.stop()));
});

/** One call; the answer's data. Throws what Proxmox VE says. */
async function call(
  pve: Pve,
  method: string,
  path: string,
  parameters: Record<string, unknown> = {},
): Promise<unknown> {
  const form = new URLSearchParams(
    Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const answer = await fetch(`${pve.url}/api2/json${path}`, {
    method,
    headers: { Authorization: `PVEAPIToken=${pve.token.id}=${pve.token.secret}` },
    ...(method === "GET" ? {} : { body: form }),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText} ${await answer.text()}`);
  const { data } = (await answer.json()) as { data: unknown };
  if (typeof data === "string" && data.startsWith("UPID:")) {
    const task = pve.cluster.tasks.get(data);
    await task?.done;
    if (task?.exitStatus !== "OK") throw new Error(`${task?.exitStatus}: ${task?.log.join("; ")}`);
  }
  return data;
}

interface World {
  pve: Pve;
  input: Pick<PlanInput, "inventory" | "settings">;
}

async function world(version: PveVersion): Promise<World> {
  const pve = await startPve({
    version,
    tls: false,
    taskMs: 1,
    secondMs: 2,
    nodes: [{ name: "pve1", bridges: ["vmbr0", "vmbr1"] }],
  });
  running.push(pve);
  const [thin] = intel().storages.filter(({ name }) => name === "local-lvm");
  const storages = thin === undefined ? [] : [{ ...thin, name: "local", type: "dir" }];
  const { version: shown } = (await call(pve, "GET", "/version")) as { version: string };
  const node = intel({
    version: shown,
    storages,
    threads: 16,
    bridges: ["vmbr0", "vmbr1"],
    nestedVirt: shown.startsWith("9") ? true : undefined,
    cgroups: shown.startsWith("6") ? 1 : 2,
  });
  return { pve, input: { inventory: inventory(node), settings: { ...settings, storage: "local" } } };
}

const vm = "/nodes/pve1/qemu/100";

async function create({ pve, input }: World, asked: Part<VMSpec>, isOn: boolean): Promise<void> {
  const planned = plan(asked, { ...input, marker: markerOf(asked) });
  expect(planned.violations).toEqual([]);
  await call(pve, "POST", "/nodes/pve1/qemu", { vmid: 100, ...planned.plan?.create });
  if (isOn) await call(pve, "POST", `${vm}/status/start`);
}

async function read({ pve }: World): Promise<ReadVm> {
  const rows = (await call(pve, "GET", "/cluster/resources")) as { vmid?: number }[];
  const found = readVm({
    row: rows.find(({ vmid }) => vmid === 100),
    status: await call(pve, "GET", `${vm}/status/current`),
    pending: await call(pve, "GET", `${vm}/pending`),
  });
  if (found?.config === undefined) throw new Error("VM 100 is there");
  return { ...found, config: found.config };
}

const look = async ({ input, ...rest }: World) =>
  observe(await read({ input, ...rest }), { ...input, simulated: true }, View.FULL);

const full: Part<VMSpec> = {
  name: "vm-1",
  cpuHotAdd: true,
  memoryHotAdd: true,
  latencySensitivity: LatencySensitivity.LOW,
  nestedVirtualization: { policy: NestedPolicy.REQUIRED },
  cpuAllocation: { limitMhz: 3000 },
  memoryAllocation: { reservationBytes: 2 * gib },
  disks: [
    { name: "root", sizeBytes: 4 * gib },
    { name: "data", sizeBytes: gib, iopsLimit: 100 },
  ],
  networkInterfaces: [
    {
      name: "lan",
      proxmox: { bridge: "vmbr0" },
      vlanId: 5,
      staticAddress: { cidr: "192.0.2.10/24", gateway: "192.0.2.1", dnsServers: ["192.0.2.53"] },
    },
  ],
  tags: ["Lab", "b"],
};
const secured: Part<VMSpec> = { secureBoot: true, iommu: true, tpm: { version: TpmVersion.TPM_VERSION_2_0 } };

const releases: readonly (readonly [PveVersion, Part<VMSpec>])[] = [
  ["6.4", full],
  ["7.4", full],
  ["8.4", { ...full, ...secured }],
  ["9.2", { ...full, ...secured }],
];

describe.each(releases)("Proxmox VE %s", (version, asked) => {
  test.each([false, true])(
    "stores what was planned so that it reads back as asked, running: %s",
    async (isOn) => {
      const here = await world(version);
      await create(here, asked, isOn);
      const seen = await look(here);
      expect(seen.owner?.uid).toBe(uid);
      expect(seen.spec).toMatchObject(JSON.parse(JSON.stringify(asked)));
      expect(
        seen.appliedCapabilities.map(({ feature, subject, outcome }) => [feature, subject, outcome]),
      ).toEqual(
        plan(asked, here.input).applied.map(({ feature, subject, outcome }) => [feature, subject, outcome]),
      );
      const again = planExisting(
        { marker: markerOf(asked), spec: spec(asked), ...here.input },
        await read(here),
      );
      expect(again).toMatchObject({ changes: [], violations: [], invalid: [] });
    },
  );
});

// The oldest and the newest: what a running VM takes has not changed in between.
describe.each(releases.filter(([version]) => /6|9/.test(version)))("Proxmox VE %s", (version, asked) => {
  const [root, data] = full.disks ?? [];
  const [lan] = full.networkInterfaces ?? [];

  test.each<[string, Part<VMSpec>]>([
    ["more CPUs", { cpus: 4 }],
    ["more memory", { memoryBytes: 5 * gib }],
    ["no latency", { latencySensitivity: LatencySensitivity.UNSPECIFIED }],
    ["another bound", { cpuAllocation: { limitMhz: 1000 } }],
    ["another minimum", { memoryAllocation: { reservationBytes: gib } }],
    ["no minimum", { memoryAllocation: {} }],
    ["no nesting", { nestedVirtualization: { policy: NestedPolicy.DISABLED } }],
    ["no hot-add", { cpuHotAdd: false, memoryHotAdd: false }],
    ["tags", { tags: ["c"] }],
    ["a bound of a disk", { disks: [root ?? {}, { ...data, iopsLimit: 900 }] }],
    ["one disk less", { disks: [root ?? {}] }],
    ["one disk more", { disks: [root ?? {}, data ?? {}, { name: "logs", sizeBytes: gib }] }],
    ["another bridge", { networkInterfaces: [{ ...lan, proxmox: { bridge: "vmbr1" } }] }],
    ["another card", { networkInterfaces: [{ ...lan, model: "e1000" }] }],
    ["one card more", { networkInterfaces: [lan ?? {}, { name: "two", proxmox: { bridge: "vmbr1" } }] }],
    ["no card", { networkInterfaces: [] }],
  ])("%s: takes effect as said", async (_, change) => {
    const here = await world(version);
    await create(here, asked, true);
    const wanted = { ...asked, ...change };
    const due = planExisting(
      { marker: markerOf(wanted), spec: spec(wanted), ...here.input },
      await read(here),
    );
    expect([due.violations, due.invalid]).toEqual([[], []]);
    expect(due.changes.length).toBeGreaterThan(0);
    await call(here.pve, "PUT", `${vm}/config`, due.parameters);
    const after = await read(here);
    for (const { effect, set, remove, description } of due.changes) {
      const options = [...Object.keys(set), ...remove];
      const { current, next } = after.config;
      const waits = options.filter((option) => String(current[option]) !== String(next[option]));
      expect([description, waits.length > 0]).toEqual([
        description,
        effect === ChangeEffect.RESTART_REQUIRED,
      ]);
    }
    const rest = planExisting({ marker: markerOf(wanted), spec: spec(wanted), ...here.input }, after);
    expect(rest.changes.flatMap(({ set, remove }) => [...Object.keys(set), ...remove])).toEqual([]);
    expect((await look(here)).spec).toMatchObject(JSON.parse(JSON.stringify(change)));
  });
});
