import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { VimFault, VimInvalidLogin } from "./errors.ts";
import { Session } from "./session.ts";
import { SoapPort } from "./soap-port.ts";
import { startVcenter, type VcenterServer } from "./testing/vcenter.ts";
import { answerTo } from "./testing/wire-server.ts";
import { Transport } from "./transport.ts";

let server: VcenterServer;
let transport: Transport;
let port: SoapPort;
let session: Session;
let credentials = { username: "user", password: "secret" };
let now = 0;

beforeEach(async () => {
  server = await startVcenter(({ method }) =>
    answerTo(method, "<returnval>2026-01-01T00:00:00Z</returnval>"),
  );
  transport = new Transport({ endpoint: server.url, trust: { mode: "insecure" } });
  port = new SoapPort(transport);
  credentials = { username: "user", password: "secret" };
  now = 1_000_000;
  session = new Session({ port, credentials: async () => credentials, now: () => now });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

const instance = { type: "ServiceInstance", value: "ServiceInstance" } as const;

/** Any call that needs a login. */
function currentTime(signal = AbortSignal.timeout(5000)): Promise<string> {
  return session.run(
    ({ about }) => port.invoke("CurrentTime", instance, {}, { signal, apiVersion: about.apiVersion }),
    signal,
  );
}

const methods = () => server.calls.map(({ method }) => method);
const login = ["RetrieveServiceContent", "Login"];

test("many first calls share one login, which speaks the server's own version", async () => {
  await Promise.all(Array.from({ length: 5 }, () => currentTime()));
  expect(methods()).toEqual([...login, ...Array(5).fill("CurrentTime")]);
  expect(server.calls.map(({ headers }) => headers.soapaction)).toEqual([
    '"urn:vim25/6.0"',
    ...Array(6).fill('"urn:vim25/8.0.2.0"'),
  ]);
});

describe("when the server has forgotten the session", () => {
  test("a call logs in again and is made once more", async () => {
    await currentTime();
    server.forgetSessions();
    expect(await currentTime()).toBe("2026-01-01T00:00:00Z");
    expect(methods()).toEqual([...login, "CurrentTime", "CurrentTime", ...login, "CurrentTime"]);
  });

  test("many calls share the new login", async () => {
    await currentTime();
    server.forgetSessions();
    await Promise.all(Array.from({ length: 5 }, () => currentTime()));
    expect(methods().filter((method) => method === "Login")).toHaveLength(2);
  });

  test("a second refusal is the caller's", async () => {
    const refused = new VimFault("CreateVM_Task", {
      faultType: "NotAuthenticated",
      faultString: "no",
      detail: {},
    });
    let tries = 0;
    const work = () => {
      tries++;
      return Promise.reject(refused);
    };
    await expect(session.run(work, AbortSignal.timeout(5000))).rejects.toBe(refused);
    expect(tries).toBe(2);
  });

  test("other faults are not retried", async () => {
    const fault = new VimFault("X", { faultType: "NoPermission", faultString: "no", detail: {} });
    let tries = 0;
    const work = () => {
      tries++;
      return Promise.reject(fault);
    };
    await expect(session.run(work, AbortSignal.timeout(5000))).rejects.toBe(fault);
    expect(tries).toBe(1);
  });

  test("rotated credentials are read", async () => {
    await currentTime();
    server.forgetSessions();
    server.setPassword("rotated");
    credentials = { username: "user", password: "rotated" };
    await expect(currentTime()).resolves.toBeDefined();
  });
});

describe("refused credentials", () => {
  beforeEach(() => server.setPassword("another"));

  test("are tried once a minute, however many calls there are", async () => {
    const first = await currentTime().catch((e: unknown) => e);
    expect(first).toBeInstanceOf(VimInvalidLogin);
    expect(first).toMatchObject({ retryAt: now + 60_000 });
    now += 59_999;
    await Promise.all([1, 2, 3].map(() => expect(currentTime()).rejects.toThrow(VimInvalidLogin)));
    expect(methods()).toEqual(login);
    now += 1;
    await expect(currentTime()).rejects.toThrow(VimInvalidLogin);
    expect(methods()).toEqual([...login, ...login]);
  });

  test("new ones are tried at once", async () => {
    await expect(currentTime()).rejects.toThrow(VimInvalidLogin);
    credentials = { username: "user", password: "another" };
    await expect(currentTime()).resolves.toBeDefined();
  });
});

test("a failed login is not remembered", async () => {
  let failures = 1;
  const flaky = async () => {
    if (failures-- > 0) throw new Error("ENOENT: password");
    return credentials;
  };
  session = new Session({ port, credentials: flaky });
  await expect(currentTime()).rejects.toThrow("ENOENT");
  await expect(currentTime()).resolves.toBeDefined();
});

test("one caller's abort does not end the login of the others", async () => {
  const abort = new AbortController();
  const impatient = currentTime(abort.signal);
  const patient = currentTime();
  abort.abort(new Error("gone"));
  await expect(impatient).rejects.toThrow("gone");
  await expect(patient).resolves.toBeDefined();
  expect(methods()).toEqual([...login, "CurrentTime"]);
});

describe("closing", () => {
  test("logs out", async () => {
    await currentTime();
    await session.close();
    expect(methods()).toEqual([...login, "CurrentTime", "Logout"]);
    await expect(currentTime()).rejects.toThrow("the vSphere client is closed");
  });

  test("without a login says nothing", async () => {
    await session.close();
    expect(methods()).toEqual([]);
  });

  test("does not mind a server that refuses", async () => {
    await currentTime();
    server.forgetSessions();
    await expect(session.close()).resolves.toBeUndefined();
  });
});
