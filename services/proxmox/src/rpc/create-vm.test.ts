import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { type Fault, type PveOptions, type PveRequest, pveVersions } from "@virtrigaud/fakes";
import { status } from "@virtrigaud/kit";
import {
  CloudInit,
  Disk,
  EnsureState,
  Image,
  NestedPolicy,
  PowerAction,
  PowerState,
  Tristate,
  View,
} from "@virtrigaud/proto";
import { create, done, patiently, power, read, remove, smallSpec, startLab } from "../testing/lab.ts";

const MiB = 1024 ** 2;
const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
const secret = "hunter2-4c7e";
const withSeed = { cloudInit: CloudInit.fromPartial({ userData: `#cloud-config\npassword: ${secret}\n` }) };
const templates = [{ vmid: 9000, name: "debian-13" }];
const image = Image.fromPartial({ name: "debian", proxmox: { templateName: "debian-13" } });

describe.each(pveVersions)("on Proxmox VE %s", (version) => {
  test("a VM's life leaves nothing; create and start cost at most 6 requests", async () => {
    const { connection, holdings, requests } = await startLab({ version });
    const before = holdings();
    await Promise.all([connection.getCapabilities({}), connection.getInfo({})]);
    requests();
    const uid = randomUUID();
    const spec = smallSpec(nested);
    const vm = await create(connection, spec, uid);
    await power(connection, uid, PowerAction.ON);
    const cost = requests();
    expect(vm).toMatchObject({
      id: "100",
      name: spec.name,
      powerState: PowerState.OFF,
      owner: { uid, controllerId: "test" },
      nested: { requested: Tristate.TRUE },
    });
    expect(cost).toEqual([
      "GET /cluster/nextid",
      "GET /cluster/resources",
      "POST /nodes/pve1/qemu",
      "GET /nodes/pve1/qemu/100/status/current",
      "GET /nodes/pve1/qemu/100/pending",
      "POST /nodes/pve1/qemu/100/status/start",
    ]);
    expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
    expect(await create(connection, spec, uid)).toMatchObject({ id: "100", powerState: PowerState.ON });
    await remove(connection, uid);
    expect(holdings()).toEqual(before);
  });

  test("clones a template into a VM with a disk, a seed and a name of its own, and nothing stays of it", async () => {
    const { connection, holdings, simulator } = await startLab({ version, templates });
    const before = holdings();
    const uid = randomUUID();
    const disks = [Disk.fromPartial({ name: "root", sizeBytes: 20 * 1024 * MiB })];
    const spec = smallSpec({ image, disks, ...withSeed });
    const vm = await create(connection, spec, uid);
    expect(vm).toMatchObject({
      name: spec.name,
      owner: { uid },
      spec: { disks: [{ sizeBytes: 20 * 1024 * MiB }] },
    });
    const seed = simulator.cluster.uploads.get(`local:iso/vrtg-${uid}-seed.iso`);
    expect(seed?.toString("latin1")).toContain(secret);
    expect(simulator.cluster.vms.get(Number(vm.id))?.config["ide2"]).toContain(`vrtg-${uid}-seed.iso`);
    expect(JSON.stringify([vm, simulator.requests])).not.toContain(secret);
    await power(connection, uid, PowerAction.ON);
    await remove(connection, uid);
    expect(holdings()).toEqual(before);
  });
});

const answers: readonly Fault[] = [
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "status", status: 595, reason: "No route to host" },
  { kind: "statusAfter", status: 599, reason: "Too many redirections" },
  {
    kind: "status",
    status: 500,
    reason: "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout",
  },
];
const steps: readonly [string, Partial<PveOptions>, (request: PveRequest) => boolean][] = [
  ["the look", {}, ({ path }) => path === "/cluster/resources"],
  ["the create", {}, ({ method, path }) => method === "POST" && path.endsWith("/qemu")],
  ["the clone", { templates }, ({ path }) => path.endsWith("/clone")],
  ["the clone's options", { templates }, ({ method, path }) => method === "PUT" && path.endsWith("/config")],
  ["the clone's size", { templates }, ({ path }) => path.endsWith("/resize")],
  ["the read-back", {}, ({ path }) => path.endsWith("/pending")],
  ["the seed", {}, ({ path }) => path.endsWith("/upload")],
];

describe.each(steps)("a fault at %s", (step, simulated, isAt) => {
  test.each(answers.map((fault) => [JSON.stringify(fault), fault] as const))(
    "%s: two daemons by turns make exactly one VM, and remove it without a trace",
    async (_, fault) => {
      let left = 1;
      const onRequest = (request: PveRequest) => (isAt(request) && left-- > 0 ? fault : undefined);
      const lab = await startLab({ ...simulated, taskMs: 20, onRequest });
      const before = lab.holdings();
      const uid = randomUUID();
      const disks = [Disk.fromPartial({ name: "root", sizeBytes: 20 * 1024 * MiB })];
      const spec = smallSpec({
        ...(simulated.templates === undefined ? {} : { image, disks }),
        ...(step === "the seed" ? withSeed : {}),
      });
      const first = await lab.connection
        .createVm({ uid, spec, controllerId: "test" })
        .catch((error: unknown) => error);
      const daemons = [(await lab.another()).connection, lab.connection];
      let tries = 0;
      const next = () => daemons[tries++ % daemons.length] ?? lab.connection;
      const vm = await patiently(() => create(next(), spec, uid));
      expect({ first, vms: lab.holdings().vms }).toEqual({
        first,
        vms: [...before.vms, `${vm.id} ${spec.name}`].sort(),
      });
      expect(left).toBeLessThan(1);
      await patiently(() => remove(next(), uid));
      expect(lab.holdings()).toEqual(before);
    },
  );
});

test("a connection that is cut after the create was sent: a daemon that has just started waits for that very task", async () => {
  let left = 1;
  const lab = await startLab({
    taskMs: 2_000,
    onRequest: ({ method, path }) =>
      method === "POST" && path.endsWith("/qemu") && left-- > 0
        ? { kind: "reset", when: "after" }
        : undefined,
  });
  const { connection } = await lab.another();
  const [uid, spec] = [randomUUID(), smallSpec()];
  const request = { uid, spec, controllerId: "test" };
  await expect(lab.connection.createVm(request)).rejects.toMatchObject({
    code: status.UNAVAILABLE,
    reason: "HYPERVISOR_UNREACHABLE",
  });
  const { state, operation } = await connection.createVm(request);
  expect(state).toBe(EnsureState.IN_PROGRESS);
  await done(connection, operation);
  expect(await connection.createVm(request)).toMatchObject({
    state: EnsureState.COMPLETE,
    vm: { id: "100" },
  });
  expect(lab.holdings().vms).toEqual([`100 ${spec.name}`]);
});

describe("races", () => {
  const posts = (requests: readonly { method: string; path: string }[]) =>
    requests.filter(({ method, path }) => method === "POST" && path.endsWith("/qemu")).length;

  test("16 VMs at once, by two daemons: 16 VMIDs", async () => {
    const lab = await startLab({ taskMs: 5 });
    const connections = [lab.connection, (await lab.another()).connection];
    const specs = Array.from({ length: 16 }, () => smallSpec());
    const made = await Promise.all(
      specs.map((spec, index) => patiently(() => create(connections[index % 2] ?? lab.connection, spec))),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(16);
    expect(lab.holdings().vms).toEqual(made.map(({ id, name }) => `${id} ${name}`).sort());
  });

  test("16 VMs at once, by one daemon: nobody asks for a VMID in vain", async () => {
    const lab = await startLab({ taskMs: 5 });
    await Promise.all(Array.from({ length: 16 }, () => create(lab.connection)));
    expect(posts(lab.simulator.requests)).toBe(16);
  });

  test("one name by eight callers of two daemons is one VM, and NAME_TAKEN for the others", async () => {
    // Lists remember for long what they called a VM that was being made.
    const lab = await startLab({ taskMs: 250, secondMs: 20 });
    const connections = [lab.connection, (await lab.another()).connection];
    const spec = smallSpec();
    const calls = Array.from({ length: 8 }, (_, index) =>
      patiently(() => create(connections[index % 2] ?? lab.connection, spec)),
    );
    const everything = { pageSize: 0, pageToken: "", view: View.BASIC, includeUnowned: true };
    const lister = setInterval(() => void lab.connection.listVMs(everything).catch(() => {}), 20);
    const ended = await Promise.allSettled(calls);
    clearInterval(lister);
    const lost = ended.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    expect(lost).toEqual(Array.from({ length: 7 }, () => expect.objectContaining({ reason: "NAME_TAKEN" })));
    expect(lab.holdings().vms).toEqual([`100 ${spec.name}`]);
  });

  test("one uid by four daemons at once is one VM", async () => {
    const lab = await startLab({ taskMs: 20 });
    const others = await Promise.all([lab.another(), lab.another(), lab.another()]);
    const [uid, spec] = [randomUUID(), smallSpec()];
    const connections = [lab.connection, ...others.map(({ connection }) => connection)];
    const made = await Promise.all(connections.map((one) => patiently(() => create(one, spec, uid))));
    expect(new Set(made.map(({ id }) => id))).toEqual(new Set(["100"]));
    expect(lab.holdings().vms).toEqual([`100 ${spec.name}`]);
  });

  test("a VMID that someone else took between the look and the create is given up for the next", async () => {
    let taken = 99;
    const lab = await startLab({
      onRequest: ({ method, path }) => {
        if (method === "POST" && path.endsWith("/qemu") && taken < 102) {
          taken += 1;
          lab.simulator.cluster.addVm(taken, "pve1", { name: `faster-${taken}` });
        }
        return undefined;
      },
    });
    expect(await create(lab.connection)).toMatchObject({ id: "103" });
    expect(posts(lab.simulator.requests)).toBe(4);
  });

  test("VMIDs stay in the operator's range, which may be full", async () => {
    const settings = { vmids: { first: 5000, last: 5001 } };
    const lab = await startLab({}, { settings });
    const made = [await create(lab.connection), await create(lab.connection)];
    expect(made.map(({ id }) => id)).toEqual(["5000", "5001"]);
    await expect(create(lab.connection)).rejects.toMatchObject({ reason: "VMIDS_EXHAUSTED" });
  });
});

describe("refused, with nothing left behind", () => {
  const noToken = { id: "root@pam!small", secret: "s", privileges: { "/": ["VM.Audit", "Sys.Audit"] } };
  test.each<[string, PveOptions, ReturnType<typeof smallSpec>, object]>([
    [
      "a storage class that does not exist",
      {},
      smallSpec({ disks: [Disk.fromPartial({ name: "root", sizeBytes: MiB, storageClass: "gold" })] }),
      { code: status.FAILED_PRECONDITION, reason: "STORAGE_CLASS_UNKNOWN" },
    ],
    ["a token without privileges", { tokens: [noToken] }, smallSpec(), { code: status.FAILED_PRECONDITION }],
    [
      "an image that is not there",
      {},
      smallSpec({ image }),
      { code: status.FAILED_PRECONDITION, reason: "IMAGE_UNKNOWN" },
    ],
    [
      "a storage that is full",
      {
        storages: [
          { id: "local", type: "dir", content: ["iso"] },
          { id: "local-lvm", type: "lvmthin", totalBytes: 1024 * MiB, usedBytes: 1024 * MiB },
        ],
      },
      smallSpec(),
      { code: status.RESOURCE_EXHAUSTED, reason: "STORAGE_FULL" },
    ],
    [
      "nodes that cannot nest",
      { nodes: [{ name: "pve1", nesting: false }] },
      smallSpec(nested),
      { code: status.FAILED_PRECONDITION, reason: "NESTED_UNSUPPORTED" },
    ],
  ])("%s", async (_, simulated, spec, error) => {
    const { connection, holdings } = await startLab(simulated);
    const before = holdings();
    await expect(create(connection, spec)).rejects.toMatchObject(error);
    expect(holdings()).toEqual(before);
  });

  test("a name that another VM has, whoever owns it, and another spec of the same uid", async () => {
    const { connection, holdings, simulator } = await startLab();
    simulator.cluster.addVm(500, "pve1", { name: "legacy" });
    await expect(create(connection, smallSpec({ name: "legacy" }))).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
      reason: "NAME_TAKEN",
    });
    const [uid, spec] = [randomUUID(), smallSpec()];
    await create(connection, spec, uid);
    const before = holdings();
    await expect(create(connection, spec)).rejects.toMatchObject({ reason: "NAME_TAKEN" });
    await expect(create(connection, { ...spec, cpus: 2 }, uid)).rejects.toMatchObject({
      reason: "SPEC_MISMATCH",
    });
    expect(holdings()).toEqual(before);
  });
});

test("what someone changed on a VM that is off is put right", async () => {
  const { connection, simulator } = await startLab();
  const [uid, spec] = [randomUUID(), smallSpec({ ...nested, cpus: 2 })];
  const { id } = await create(connection, spec, uid);
  const config = simulator.cluster.vms.get(Number(id))?.config ?? {};
  Object.assign(config, { cores: "1", cpu: "kvm64" });
  expect(await create(connection, spec, uid)).toMatchObject({
    spec: { cpus: 2 },
    nested: { configured: Tristate.TRUE },
  });
});

test("a copy that someone made in the web interface is nobody's; a VM whose notes were wiped is not touched", async () => {
  const { connection, simulator, another, holdings } = await startLab();
  const [uid, spec] = [randomUUID(), smallSpec()];
  const { id } = await create(connection, spec, uid);
  const vm = simulator.cluster.vms.get(Number(id));
  simulator.cluster.addVm(300, "pve1", { ...vm?.config, smbios1: `uuid=${randomUUID()}`, name: "copy" });
  const fresh = (await another()).connection;
  expect(await read(fresh, uid)).toMatchObject({ id });
  delete vm?.config["description"];
  const before = holdings();
  const last = (await another()).connection;
  for (const act of [() => create(last, spec, uid), () => remove(last, uid), () => read(last, uid)])
    await expect(act()).rejects.toMatchObject({ reason: "OWNED_BY_ANOTHER" });
  expect(holdings()).toEqual(before);
});
