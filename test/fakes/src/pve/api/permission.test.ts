import { describe, expect, test } from "@jest/globals";
import type { Privileges } from "../options.ts";
import type { PveVersion } from "../release.ts";
import { ask, dataOf, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const vms = "/nodes/pve1/qemu";
const OPERATOR = [
  "VM.Allocate",
  "VM.Audit",
  "VM.Config.CPU",
  "VM.Config.Disk",
  "VM.Config.Network",
  "VM.Config.Options",
];

/** A simulator with root's token first and one with these privileges second. */
const withOperator = (privileges: Privileges, version: PveVersion = "9.2") =>
  withPve({
    version,
    tokens: [{ id: "root@pam!root" }, { id: "root@pam!operator", privileges }],
  });

describe("what a token lacks is named", () => {
  test.each<{
    readonly privileges: Privileges;
    readonly version?: PveVersion;
    readonly params: Readonly<Record<string, unknown>>;
    readonly reason: string;
  }>([
    { privileges: {}, params: {}, reason: "Permission check failed" },
    { privileges: { "/vms": OPERATOR }, params: { cores: 2 }, reason: "OK" },
    {
      privileges: { "/vms": OPERATOR },
      params: { memory: 512 },
      reason: "Permission check failed (/vms/100, VM.Config.Memory)",
    },
    {
      privileges: { "/vms": OPERATOR },
      params: { bios: "ovmf", kvm: 0 },
      reason: "Permission check failed (/vms/100, VM.Config.HWType)",
    },
    { privileges: { "/vms": OPERATOR }, params: { ciuser: "me" }, reason: "OK" },
    {
      privileges: { "/vms": ["VM.Allocate"] },
      params: { ciuser: "me" },
      reason: "Permission check failed (/vms/100, VM.Config.Cloudinit|VM.Config.Network)",
    },
    {
      privileges: { "/vms": OPERATOR },
      params: { scsi0: "local:1" },
      reason: "Permission check failed (/storage/local, Datastore.AllocateSpace)",
    },
    {
      privileges: { "/vms": OPERATOR, "/storage/local": ["Datastore.AllocateSpace"] },
      params: { scsi0: "local:1" },
      reason: "OK",
    },
    {
      privileges: { "/vms": OPERATOR, "/storage/local": [] },
      params: { scsi0: "local:1" },
      reason: "Permission check failed (/storage/local, Datastore.AllocateSpace)",
    },
    {
      privileges: { "/vms": OPERATOR },
      params: { net0: "virtio,bridge=vmbr0" },
      reason: "Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)",
    },
    {
      privileges: { "/vms": OPERATOR },
      version: "7.4",
      params: { net0: "virtio,bridge=vmbr0" },
      reason: "OK",
    },
    {
      privileges: { "/vms": OPERATOR, "/sdn": ["SDN.Use"] },
      params: { net0: "virtio,bridge=vmbr0" },
      reason: "OK",
    },
    { privileges: { "/vms/101": OPERATOR }, params: {}, reason: "Permission check failed" },
    {
      privileges: { "/": ["VM.Allocate"] },
      params: { start: 1 },
      reason: "Permission check failed (/vms/100, VM.PowerMgmt)",
    },
  ])("$privileges, create with $params: $reason", async ({ privileges, version, params, reason }) => {
    const { as } = await withOperator(privileges, version);
    expect((await as(1)("POST", vms, { vmid: 100, ...params })).reason).toBe(reason);
  });

  test.each([
    { method: "GET", path: "/nodes/pve1/status", reason: "Permission check failed (/nodes/pve1, Sys.Audit)" },
    { method: "GET", path: `${vms}/100/config`, reason: "Permission check failed (/vms/100, VM.Audit)" },
    {
      method: "POST",
      path: `${vms}/100/status/start`,
      reason: "Permission check failed (/vms/100, VM.PowerMgmt)",
    },
    {
      method: "POST",
      path: `${vms}/100/snapshot`,
      reason: "Permission check failed (/vms/100, VM.Snapshot)",
    },
    {
      method: "POST",
      path: `${vms}/100/snapshot/s1/rollback`,
      reason: "Permission check failed (/vms/100, VM.Snapshot|VM.Snapshot.Rollback)",
    },
    { method: "POST", path: `${vms}/100/clone`, reason: "Permission check failed (/vms/100, VM.Clone)" },
    { method: "DELETE", path: `${vms}/100`, reason: "Permission check failed (/vms/100, VM.Allocate)" },
    {
      method: "POST",
      path: `${vms}/100/agent/exec`,
      reason: "Permission check failed (/vms/100, VM.GuestAgent.Unrestricted)",
    },
    {
      method: "POST",
      path: `${vms}/100/agent/ping`,
      reason: "Permission check failed (/vms/100, VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted)",
    },
    {
      method: "POST",
      path: "/nodes/pve1/storage/local/download-url",
      reason: "Permission check failed (/storage/local, Datastore.AllocateTemplate)",
    },
    {
      method: "GET",
      path: "/nodes/pve1/storage/local/content",
      reason: "Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)",
    },
    { method: "GET", path: "/cluster/status", reason: "Permission check failed (/, Sys.Audit)" },
  ])("$method $path: $reason", async ({ method, path, reason }) => {
    const { as } = await withOperator({});
    expect((await as(1)(method, path)).reason).toBe(reason);
  });

  test("8.4: the agent is VM.Monitor's", async () => {
    const { as } = await withOperator({}, "8.4");
    expect((await as(1)("POST", `${vms}/100/agent/exec`)).reason).toBe(
      "Permission check failed (/vms/100, VM.Monitor)",
    );
  });
});

test("lists show only what may be seen", async () => {
  const { as, run } = await withOperator({ "/vms/101": ["VM.Audit"], "/storage/local": ["Datastore.Audit"] });
  for (const vmid of [100, 101]) await run("POST", vms, { vmid });
  const seen = async (path: string) => dataOf(await as(1)("GET", path)) as Record<string, unknown>[];
  expect((await seen("/cluster/resources?type=vm")).map((vm) => vm["id"])).toEqual(["qemu/101"]);
  expect((await seen(vms)).map((vm) => vm["vmid"])).toEqual([101]);
  expect((await seen("/nodes/pve1/storage")).map((storage) => storage["storage"])).toEqual(["local"]);
  expect(await seen("/nodes/pve1/tasks")).toHaveLength(2);
  expect(await seen("/nodes")).toEqual([
    { id: "node/pve1", node: "pve1", type: "node", status: "online", level: "", ssl_fingerprint: "" },
  ]);
});

test("a token never has more than its user", async () => {
  const { as } = await withPve({
    users: [{ id: "u@pve", password: "p", privileges: { "/": ["VM.Audit"] } }],
    tokens: [{ id: "root@pam!root" }, { id: "u@pve!t", privileges: { "/": ["VM.Audit", "VM.Allocate"] } }],
  });
  expect(dataOf(await as(1)("GET", "/access/permissions"))).toMatchObject({ "/": { "VM.Audit": 1 } });
  expect((await as(1)("POST", vms, { vmid: 100 })).reason).toBe("Permission check failed");
});

describe("who is turned away at the door", () => {
  test.each([
    {
      version: "9.2",
      token: { id: "root@pam!t", expire: 1 },
      header: undefined,
      reason: "Authentication failed!",
    },
    {
      version: "8.4",
      token: { id: "root@pam!t", expire: 1 },
      header: undefined,
      reason: "token 't' access expired",
    },
    {
      version: "8.4",
      token: { id: "root@pam!t" },
      header: "root@pam!t=wrong",
      reason: "invalid token value!",
    },
    {
      version: "8.4",
      token: { id: "root@pam!t" },
      header: "root@pam!x=y",
      reason: "no such token 'x' for user 'root@pam'",
    },
  ] as const)("$version $token.id $header: $reason", async ({ version, token, header, reason }) => {
    const { pve } = await withPve({ version, tokens: [token] });
    const value = header ?? `${pve.token.id}=${pve.token.secret}`;
    const answer = await ask(pve, { path: "/version", headers: { Authorization: `PVEAPIToken=${value}` } });
    expect([answer.status, answer.reason, answer.body]).toEqual([401, reason, ""]);
  });

  test.each([
    { version: "9.2", reason: "Authentication failed!" },
    { version: "7.4", reason: "permission denied - invalid PVE ticket" },
  ] as const)("$version: a ticket that has run out: $reason", async ({ version, reason }) => {
    const users = [{ id: "root@pam", password: "p" }];
    const { pve } = await withPve({ version, users, ticketLifetimeSeconds: 0 });
    const login = await ask(pve, {
      method: "POST",
      path: "/access/ticket",
      params: { username: "root@pam", password: "p" },
    });
    const { ticket } = dataOf(login) as { ticket: string };
    const answer = await ask(pve, {
      path: "/version",
      headers: { Cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}` },
    });
    expect([answer.status, answer.reason]).toEqual([401, reason]);
  });

  test("a ticket renews itself, reads alone, and writes with its CSRF token", async () => {
    const { pve } = await withPve({ users: [{ id: "root@pam", password: "p" }] });
    const login = (password: string) =>
      ask(pve, { method: "POST", path: "/access/ticket", params: { username: "root@pam", password } });
    const first = dataOf(await login("p")) as { ticket: string };
    const { ticket, CSRFPreventionToken } = dataOf(await login(first.ticket)) as Record<string, string>;
    const Cookie = `PVEAuthCookie=${encodeURIComponent(ticket ?? "")}`;
    expect((await ask(pve, { path: "/version", headers: { Cookie } })).reason).toBe("OK");
    const create = { method: "POST", path: vms, params: { vmid: 100, args: "-x" } };
    expect((await ask(pve, { ...create, headers: { Cookie } })).reason).toBe(
      "Permission denied - invalid csrf token",
    );
    const headers = { Cookie, CSRFPreventionToken: CSRFPreventionToken ?? "" };
    // root@pam itself may set what no token may.
    expect((await ask(pve, { ...create, headers })).reason).toBe("OK");
  });
});
