import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { pveVersions } from "@virtrigaud/fakes";
import { status } from "@virtrigaud/kit";
import {
  CloudInit,
  Disk,
  Feature,
  NestedPolicy,
  NetworkInterface,
  OperationState,
  Placement,
  PowerAction,
  Support,
  Tristate,
  View,
} from "@virtrigaud/proto";
import { create, done, power, read, smallSpec, startLab } from "../testing/lab.ts";

const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

describe.each(pveVersions)("on Proxmox VE %s", (version) => {
  test("who it is, what can be had, what the nodes can give", async () => {
    const { connection, simulator } = await startLab({
      version,
      nodes: [{ name: "pve1" }, { name: "pve2", kvm: false }, { name: "pve3", online: false }],
    });
    expect(await connection.getInfo({})).toMatchObject({
      provider: "proxmox",
      contractVersion: "1.0",
      hypervisorType: "Proxmox VE",
      hypervisorVersion: expect.stringMatching(new RegExp(`^${version}`)),
      endpoint: simulator.url,
      simulated: true,
    });
    const { capabilities } = await connection.getCapabilities({});
    const support = new Map(capabilities.map((one) => [one.feature, one.support]));
    expect(support.get(Feature.NESTED_VIRTUALIZATION)).toBe(
      version === "9.2" ? Support.SUPPORTED : Support.UNKNOWN,
    );
    expect(support.get(Feature.RECONFIGURE)).toBe(Support.SUPPORTED);

    const { operation } = await connection.checkHosts({ hosts: [] });
    const { result } = await done(connection, operation);
    const hosts = result?.$case === "hosts" ? result.value.hosts : [];
    const answers = hosts.map(({ name, available, nestedVirtualization }) => [
      name,
      available,
      nestedVirtualization,
    ]);
    const { TRUE, FALSE, UNKNOWN } = Tristate;
    expect(answers).toEqual([
      ["pve1", TRUE, version === "9.2" ? TRUE : UNKNOWN],
      ["pve2", TRUE, FALSE],
      ["pve3", FALSE, version === "9.2" ? FALSE : UNKNOWN],
    ]);
    await expect(connection.checkHosts({ hosts: ["pve9"] })).rejects.toMatchObject({
      code: status.NOT_FOUND,
      reason: "HOST_NOT_FOUND",
      message: expect.stringContaining("pve1, pve2, pve3"),
    });
  });

  test("a running VM is read with what its guest tells", async () => {
    const { connection } = await startLab({ version });
    const uid = randomUUID();
    const networkInterfaces = [NetworkInterface.fromPartial({ name: "front", proxmox: { bridge: "vmbr0" } })];
    await create(connection, smallSpec({ networkInterfaces }), uid);
    expect(await read(connection, uid)).toMatchObject({ guestInterfaces: [], usage: undefined });
    await power(connection, uid, PowerAction.ON);
    expect(await read(connection, uid)).toMatchObject({
      guestAgent: Tristate.TRUE,
      guestInterfaces: [{ name: "eth0", ipAddresses: [expect.stringMatching(/^192\.0\.2\./)] }],
      usage: { memoryBytes: expect.any(Number) },
    });
    const basic = await connection.getVm({
      vm: { reference: { $case: "id", value: "100" } },
      view: View.BASIC,
    });
    expect(basic.vm).toMatchObject({ id: "100", spec: undefined, guestAgent: Tristate.TRUE });
    await expect(
      connection.getVm({ vm: { reference: { $case: "id", value: "pve1/100" } }, view: View.BASIC }),
    ).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});

test("a guest without an agent is read all the same", async () => {
  const { connection } = await startLab({ guest: () => ({ agent: false }) });
  const uid = randomUUID();
  await create(connection, smallSpec(), uid);
  await power(connection, uid, PowerAction.ON);
  expect(await read(connection, uid)).toMatchObject({ guestAgent: Tristate.FALSE, guestInterfaces: [] });
});

test("a VM on a node that died is not gone", async () => {
  const { connection, simulator, another } = await startLab({ nodes: [{ name: "pve1" }, { name: "pve2" }] });
  const uid = randomUUID();
  await create(connection, smallSpec({ placement: Placement.fromPartial({ host: "pve2" }) }), uid);
  const node = simulator.cluster.nodes.get("pve2") as { online: boolean } | undefined;
  if (node !== undefined) node.online = false;
  for (const one of [connection, (await another()).connection])
    await expect(read(one, uid)).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      reason: "NODE_UNREACHABLE",
    });
});

describe("PlanVM", () => {
  const secret = "hunter2-4c7e";
  test("shows what would be sent, changes nothing, and says how an existing VM differs", async () => {
    const { connection, holdings, simulator, requests } = await startLab();
    const uid = randomUUID();
    const cloudInit = CloudInit.fromPartial({ userData: secret });
    const spec = smallSpec({ ...nested, cloudInit, extraConfig: { onboot: "1" } });
    requests();
    const planned = await connection.planVm({ spec, uid: "" });
    expect(planned).toMatchObject({
      nativeFormat: "PVE qemu parameters",
      violations: [],
      host: "pve1",
      drift: [],
      nativeConfiguration: expect.stringMatching(/^cpu: .*\+nested-virt/m),
    });
    expect(planned.nativeConfiguration).not.toContain(secret);
    expect(requests().filter((one) => !one.startsWith("GET "))).toEqual([]);

    const vm = await create(connection, spec, uid);
    const named = ({ feature, outcome, subject }: (typeof planned.appliedCapabilities)[number]) =>
      `${feature} ${subject} ${outcome}`;
    expect(vm.appliedCapabilities.map(named).sort()).toEqual(planned.appliedCapabilities.map(named).sort());
    const config = simulator.cluster.vms.get(100)?.config ?? {};
    config["cores"] = "4";
    const before = holdings();
    expect((await connection.planVm({ spec, uid })).drift).toEqual(["cpu: 4 → 1"]);
    const taken = await connection.planVm({ spec, uid: randomUUID() });
    expect(taken.violations).toMatchObject([{ field: "spec.name", reason: "NAME_TAKEN" }]);
    expect(holdings()).toEqual(before);
  });

  test("says every reason why not", async () => {
    const { connection } = await startLab({ nodes: [{ name: "pve1", nesting: false }] });
    const disks = [Disk.fromPartial({ name: "root", sizeBytes: 1024 ** 3, storageClass: "gold" })];
    const { violations } = await connection.planVm({ spec: smallSpec({ ...nested, disks }), uid: "" });
    expect(violations.map(({ reason }) => reason).sort()).toEqual([
      "NESTED_UNSUPPORTED",
      "STORAGE_CLASS_UNKNOWN",
    ]);
  });
});

test("the console of a running VM is a web socket of the API's", async () => {
  const { connection, simulator } = await startLab();
  const uid = randomUUID();
  await create(connection, smallSpec(), uid);
  await expect(connection.getConsole({ uid })).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "VM_NOT_RUNNING",
  });
  await power(connection, uid, PowerAction.ON);
  const { url, ticket, protocol, expireTime } = await connection.getConsole({ uid });
  const { protocol: scheme, host, pathname, searchParams } = new URL(url);
  expect([scheme, host, pathname, searchParams.get("port"), searchParams.get("vncticket"), protocol]).toEqual(
    [
      "wss:",
      new URL(simulator.url).host,
      "/api2/json/nodes/pve1/qemu/100/vncwebsocket",
      "5900",
      ticket,
      "vnc",
    ],
  );
  expect(expireTime?.getTime()).toBeGreaterThan(Date.now());
});

describe("operations", () => {
  test("are answered for by another daemon, until Proxmox VE forgets them", async () => {
    const { connection, another } = await startLab({ taskMs: 50 });
    const request = { uid: randomUUID(), spec: smallSpec(), controllerId: "test" };
    const { operation } = await connection.createVm(request);
    const next = (await another()).connection;
    const messages: OperationState[] = [];
    for await (const { operation: seen } of next.watchOperation({ name: operation?.name ?? "" }))
      messages.push(seen?.state ?? OperationState.UNSPECIFIED);
    expect(messages.at(-1)).toBe(OperationState.SUCCEEDED);
    await expect(next.getOperation({ name: "nonsense" })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });

  test("can be cancelled, and what was begun is completed by calling again", async () => {
    const { connection, holdings } = await startLab({ taskMs: 300 });
    const request = { uid: randomUUID(), spec: smallSpec(), controllerId: "test" };
    const { operation } = await connection.createVm(request);
    await connection.cancelOperation({ name: operation?.name ?? "" });
    await expect(done(connection, operation)).rejects.toMatchObject({ code: status.CANCELLED });
    expect(holdings()).toEqual({ vms: [], volumes: [] });
    await create(connection, request.spec, request.uid);
    const late = await connection.cancelOperation({ name: operation?.name ?? "" });
    expect(late.operation?.state).toBe(OperationState.CANCELLED);
  });
});

test("wrong credentials are said, and GetInfo answers without the cluster", async () => {
  const lab = await startLab();
  const wrong = { kind: "token" as const, id: lab.simulator.token.id, secret: "wrong-4c7e" };
  const { connection } = await lab.another({ credentials: wrong });
  expect(await connection.getInfo({})).toMatchObject({
    provider: "proxmox",
    hypervisorVersion: "",
    simulated: undefined,
  });
  const error = await read(connection, randomUUID()).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, reason: "HYPERVISOR_CREDENTIALS" });
  expect(JSON.stringify(error)).not.toContain("wrong-4c7e");
});

test("a ticket that expires is renewed, and a missing privilege is named", async () => {
  const users = [
    { id: "root@pam", password: "p" },
    { id: "ops@pve", password: "p", privileges: { "/": ["VM.Audit", "Sys.Audit", "Datastore.Audit"] } },
  ];
  const lab = await startLab({ users, ticketLifetimeSeconds: 0.05 });
  const { connection } = await lab.another({
    credentials: { kind: "password", username: "root@pam", password: "p" },
  });
  const uid = randomUUID();
  await create(connection, smallSpec(), uid);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await power(connection, uid, PowerAction.ON);
  const small = await lab.another({ credentials: { kind: "password", username: "ops@pve", password: "p" } });
  await expect(power(small.connection, uid, PowerAction.OFF)).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "HYPERVISOR_PERMISSION",
    message: expect.stringContaining("VM.PowerMgmt on /vms/100"),
  });
});
