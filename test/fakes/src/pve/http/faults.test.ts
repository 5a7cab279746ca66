import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "@jest/globals";
import type { Fault, PveRequest } from "../fault.ts";
import { ask, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const vms = "/nodes/pve1/qemu";

/** A simulator that does this to the first create only. */
const creating = (fault: Fault) => {
  let done = false;
  return withPve({
    onRequest: ({ method, path }: PveRequest) => {
      if (done || method !== "POST" || path !== vms) return undefined;
      done = true;
      return fault;
    },
  });
};

describe("a create that is cut off", () => {
  test.each([
    { kind: "drop", when: "before", vmsThen: 0 },
    { kind: "drop", when: "after", vmsThen: 1 },
    { kind: "reset", when: "before", vmsThen: 0 },
    { kind: "reset", when: "after", vmsThen: 1 },
  ] as const)("$kind $when its effect: $vmsThen VM", async ({ kind, when, vmsThen }) => {
    const { pve, call } = await creating({ kind, when });
    await expect(call("POST", vms, { vmid: 100 })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(pve.cluster.vms.size).toBe(vmsThen);
    expect(pve.requests).toHaveLength(1);
    expect(pve.requests[0]?.status).toBeUndefined();
  });

  test("over TLS it is cut off just so", async () => {
    const { pve, call } = await withPve({ tls: true, onRequest: () => ({ kind: "reset", when: "after" }) });
    await expect(call("POST", vms, { vmid: 100 })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(pve.cluster.vms.size).toBe(1);
  });
});

describe("statuses of the proxy", () => {
  test.each([
    { kind: "status", status: 595, reason: "No route to host", vmsThen: 0 },
    { kind: "status", status: 599, reason: "Too many redirections", vmsThen: 0 },
    { kind: "statusAfter", status: 596, reason: "Connection timed out", vmsThen: 1 },
  ] as const)("$kind $status", async ({ vmsThen, ...fault }) => {
    const { pve, call } = await creating(fault);
    const { status, reason, body, connection } = await call("POST", vms, { vmid: 100 });
    expect([status, reason, body, connection]).toEqual([fault.status, fault.reason, "", "close"]);
    expect(pve.cluster.vms.size).toBe(vmsThen);
  });
});

test("an answer that is delayed", async () => {
  const { call } = await creating({ kind: "delay", ms: 60 });
  const started = performance.now();
  expect((await call("POST", vms, { vmid: 100 })).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThanOrEqual(59);
});

test("a body that trickles arrives whole", async () => {
  const { call } = await creating({ kind: "slowBody", msPerByte: 1 });
  const { body } = await call("POST", vms, { vmid: 100 });
  expect(body).toEqual({ data: expect.stringContaining("qmcreate") });
});

test("a body that never comes", async () => {
  const { pve } = await creating({ kind: "hangBody" });
  const { id, secret } = pve.token;
  const head = await new Promise<number | undefined>((resolve) => {
    const sent = httpRequest(`${pve.url}/api2/json${vms}`, {
      method: "POST",
      headers: { Authorization: `PVEAPIToken=${id}=${secret}` },
    });
    sent.on("error", () => {});
    sent.on("response", (response) => {
      response.on("data", () => resolve(undefined));
      response.on("error", () => {});
      setTimeout(() => {
        resolve(response.statusCode);
        sent.destroy();
      }, 50);
    });
    sent.end("vmid=100");
  });
  expect(head).toBe(200);
});

test("latency is added to every answer", async () => {
  const { call } = await withPve({ latencyMs: 40 });
  const started = performance.now();
  await call("GET", "/version");
  expect(performance.now() - started).toBeGreaterThanOrEqual(39);
});

test("the log knows who asked for what on which connection, and no secret", async () => {
  const { pve, call } = await withPve({ tokens: [{ id: "root@pam!t", secret: "tell-nobody" }] });
  await call("GET", "/cluster/nextid");
  await call("POST", vms, { vmid: 100, ciuser: "me", cipassword: "tell-nobody" });
  await ask(pve, {
    method: "POST",
    path: "/access/ticket",
    params: { username: "root@pam", password: "tell-nobody" },
  });
  expect(pve.requests).toEqual([
    {
      sequence: 1,
      method: "GET",
      path: "/cluster/nextid",
      parameters: {},
      user: "root@pam!t",
      connection: 1,
      status: 200,
      reason: "OK",
    },
    {
      sequence: 2,
      method: "POST",
      path: vms,
      parameters: { vmid: "100", ciuser: "me", cipassword: "<masked>" },
      user: "root@pam!t",
      connection: 2,
      status: 200,
      reason: "OK",
    },
    {
      sequence: 3,
      method: "POST",
      path: "/access/ticket",
      parameters: { username: "root@pam", password: "<masked>" },
      user: undefined,
      connection: 3,
      status: 401,
      reason: "authentication failure",
    },
  ]);
});

/** What a raw request is answered, head and all. */
function raw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}

describe("requests that PVE's HTTP server turns down", () => {
  test.each([
    {
      name: "a chunked body",
      header: "Transfer-Encoding: chunked",
      body: "0\r\n\r\n",
      line: "501 chunked transfer encoding not supported",
    },
    {
      name: "another type of body",
      header: "Content-Type: text/plain\r\nContent-Length: 1",
      body: "x",
      line: "506 upload 'Content-Type 'text/plain' not implemented",
    },
    {
      name: "JSON that is none",
      header: "Content-Type: application/json\r\nContent-Length: 1",
      body: "{",
      line: "500 malformed JSON string",
    },
  ])("$name", async ({ header, body, line }) => {
    const { pve } = await withPve();
    const token = `Authorization: PVEAPIToken=${pve.token.id}=${pve.token.secret}`;
    const answer = await raw(
      pve.url,
      `POST /api2/json${vms} HTTP/1.1\r\nHost: x\r\n${token}\r\n${header}\r\n\r\n${body}`,
    );
    expect(answer.split("\r\n")[0]).toContain(`HTTP/1.1 ${line}`);
    expect(answer).toContain("Connection: close");
  });
});

test("a long answer is compressed for who can read it", async () => {
  const { pve, call } = await withPve();
  const plain = await call("GET", "/nodes/pve1/capabilities/qemu/cpu");
  const headers = {
    Authorization: `PVEAPIToken=${pve.token.id}=${pve.token.secret}`,
    "Accept-Encoding": "gzip",
  };
  const response = await fetch(`${pve.url}/api2/json/nodes/pve1/capabilities/qemu/cpu`, { headers });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(await response.json()).toEqual(plain.body);
});
