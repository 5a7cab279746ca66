import { describe, expect, test } from "@jest/globals";
import type { Fault, PveRequest } from "@virtrigaud/fakes";
import type { Credentials } from "./credentials.ts";
import { Session } from "./session.ts";
import { endWithTest, rejection, tokenOf, withPve } from "./testing/running.ts";
import { Transport } from "./transport.ts";

const root: Credentials = { kind: "password", username: "root@pam", password: "correct horse" };
const users = [{ id: "root@pam", password: "correct horse" }];
const LOGIN = "POST /access/ticket";

/** The first request by this method and path is refused like one with an old ticket. */
const expiring = (what: string) => {
  let done = false;
  return ({ method, path }: PveRequest): Fault | undefined => {
    if (done || `${method} ${path}` !== what) return undefined;
    done = true;
    return { kind: "status", status: 401, reason: "permission denied - invalid PVE ticket" };
  };
};

/** Credentials that change when they are told to. */
const rotating = (first: Credentials) => {
  const box = { current: first, asked: 0 };
  const credentials = async () => {
    box.asked++;
    return box.current;
  };
  return { box, credentials };
};

describe("a password", () => {
  test("is given for one ticket by however many calls", async () => {
    const { simulator, pve, arrived } = await withPve({ users }, { credentials: async () => root });
    await Promise.all([100, 101, 102, 103].map((vmid) => pve.api().nodes.$("pve1").qemu.$post({ vmid })));
    expect(arrived()).toEqual([LOGIN, ...Array(4).fill("POST /nodes/pve1/qemu")]);
    expect(simulator.requests.map(({ user }) => user)).toEqual([undefined, ...Array(4).fill("root@pam")]);
  });

  test("is given again when the ticket expired early, and the refused POST once more", async () => {
    const create = "POST /nodes/pve1/qemu";
    const { simulator, pve, arrived } = await withPve(
      { users, onRequest: expiring(create) },
      { credentials: async () => root },
    );
    await pve.api().nodes.$("pve1").qemu.$post({ vmid: 100 });
    expect(arrived()).toEqual([LOGIN, create, LOGIN, create]);
    expect(simulator.cluster.vms.size).toBe(1);
  });

  test("is given again once, not for ever", async () => {
    const { pve, arrived } = await withPve(
      { users, ticketLifetimeSeconds: 0 },
      { credentials: async () => root },
    );
    expect(await rejection(pve.api().version.$get())).toMatchObject({ name: "PveError", status: 401 });
    expect(arrived()).toEqual([LOGIN, "GET /version", LOGIN, "GET /version"]);
  });

  test("that cannot be given leaves nothing open about the call", async () => {
    const { pve, arrived } = await withPve(
      { users, onRequest: () => ({ kind: "reset", when: "after" }) },
      { credentials: async () => root },
    );
    expect(await rejection(pve.api().nodes.$("pve1").qemu.$post({ vmid: 100 }))).toMatchObject({
      name: "PveUnreachable",
      sent: false,
      path: "/access/ticket",
    });
    expect(arrived()).toEqual([LOGIN]);
  });

  test("that is wrong is not tried again, another one at once", async () => {
    const { box, credentials } = rotating({ ...root, password: "wrong horse" });
    const { pve, arrived } = await withPve({ users }, { credentials });
    const refused = {
      name: "PveCredentialsRefused",
      message:
        "PVE refuses the user name or password of the credentials secret (authentication failure): " +
        "it is not tried again for 60 s, a new one at once",
    };
    expect(await rejection(pve.api().version.$get())).toMatchObject(refused);
    expect(await rejection(pve.api().version.$get())).toMatchObject(refused);
    expect(arrived()).toEqual([LOGIN]);
    box.current = root;
    expect(await pve.api().version.$get()).toMatchObject({ version: "9.2.11" });
    expect(arrived()).toEqual([LOGIN, LOGIN, "GET /version"]);
  });
});

describe("a token", () => {
  test("that is refused is not tried again, another one at once", async () => {
    const { box, credentials } = rotating({ kind: "token", id: "root@pam!old", secret: "revoked" });
    const { simulator, pve, arrived } = await withPve({}, { credentials });
    const refused = {
      name: "PveCredentialsRefused",
      message: expect.stringMatching(
        /^PVE refuses the API token of the credentials secret \(Authentication failed!\)/,
      ),
    };
    expect(await rejection(pve.api().version.$get())).toMatchObject(refused);
    expect(await rejection(pve.api().version.$get())).toMatchObject(refused);
    expect(arrived()).toEqual(["GET /version"]);
    box.current = tokenOf(simulator);
    expect(await pve.api().version.$get()).toMatchObject({ version: "9.2.11" });
  });

  test("that was rotated meanwhile is found without anybody noticing", async () => {
    const { box, credentials } = rotating({ kind: "token", id: "root@pam!old", secret: "revoked" });
    const { simulator, pve, arrived } = await withPve(
      { onRequest: () => void (box.current = tokenOf(simulator)) },
      { credentials },
    );
    await pve.api().nodes.$("pve1").qemu.$post({ vmid: 100 });
    expect(arrived()).toEqual(Array(2).fill("POST /nodes/pve1/qemu"));
    expect(simulator.cluster.vms.size).toBe(1);
  });
});

describe("before it expires, a login is made anew", () => {
  test.each<[string, Credentials, number]>([
    ["a ticket after half its life", root, 3_600_000],
    [
      "a token, read again in case it was rotated",
      { kind: "token", id: "root@pam!t", secret: "s3cr3t" },
      60_000,
    ],
  ])("%s", async (_, first, lifetimeMs) => {
    const { simulator } = await withPve({ users });
    const transport = new Transport({ endpoint: simulator.url, trust: { mode: "insecure" } });
    endWithTest(() => transport.close());
    const { box, credentials } = rotating(first);
    let now = 1_000_000;
    const session = new Session({ transport, credentials, now: () => now });
    const login = () => session.run(async (login) => login, new AbortController().signal);
    const before = await login();
    now += lifetimeMs - 1;
    expect(await login()).toBe(before);
    expect(box.asked).toBe(1);
    now += 1;
    expect(await login()).not.toBe(before);
    expect(box.asked).toBe(2);
  });
});

test("credentials that cannot be read are an error of this call alone", async () => {
  const problem = new Error("/etc/virtrigaud/credentials/token_id is empty");
  let broken = true;
  const { simulator, pve } = await withPve(
    {},
    { credentials: async () => (broken ? Promise.reject(problem) : tokenOf(simulator)) },
  );
  expect(await rejection(pve.api().version.$get())).toBe(problem);
  broken = false;
  expect(await pve.api().version.$get()).toMatchObject({ version: "9.2.11" });
});
