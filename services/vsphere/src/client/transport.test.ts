import { afterEach, describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { VimProtocolError, VimUnreachable } from "./errors.ts";
import { ResponseDecoder } from "./response-decoder.ts";
import { answerTo, type Reply, startWireServer, type WireCall } from "./testing/wire-server.ts";
import type { RoundTrip } from "./exchange.ts";
import { Transport, type TransportOptions } from "./transport.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const body = "<soap:Body><Login><password>hunter2</password></Login></soap:Body>";

function connect(endpoint: string, options: Partial<TransportOptions> = {}) {
  const trips: RoundTrip[] = [];
  const onRoundTrip = (trip: RoundTrip) => trips.push(trip);
  const transport = new Transport({ endpoint, trust: { mode: "insecure" }, onRoundTrip, ...options });
  closers.push(() => transport.close());
  const post = (call: { signal?: AbortSignal; startsSession?: boolean } = {}) =>
    transport.post({
      method: "Login",
      headers: { SOAPAction: '"urn:vim25/8.0.2.0"' },
      body,
      signal: call.signal ?? AbortSignal.timeout(5000),
      startsSession: call.startsSession ?? false,
      decoder: new ResponseDecoder("Login", "UserSession"),
    });
  return { post, trips };
}

async function serve(answer: (call: WireCall) => Reply | Promise<Reply>) {
  const server = await startWireServer(answer);
  closers.push(() => server.close());
  return server;
}

const session = answerTo("Login", "<returnval><key>k</key><userName>u</userName></returnval>");

test("every round trip is told", async () => {
  const server = await serve(() => session);
  const { post, trips } = connect(server.url);
  expect(await post()).toEqual({ value: { key: "k", userName: "u" } });
  const trip = {
    method: "Login",
    durationMs: expect.any(Number),
    status: 200,
    bytesIn: session.length,
    bytesOut: body.length,
  };
  expect(trips).toEqual([trip]);
});

test("connections are kept and bounded", async () => {
  const server = await serve(() => session);
  const { post } = connect(server.url, { maxConnections: 2 });
  for (let i = 0; i < 5; i++) await Promise.all([post(), post(), post()]);
  expect(server.connections()).toBe(2);
});

test("only a login sets the cookie, and is sent without one", async () => {
  let logins = 0;
  const server = await serve(() => ({
    xml: session,
    headers: { "set-cookie": `vmware_soap_session="${++logins}"; Path=/; HttpOnly; Secure; SameSite=Lax` },
  }));
  const { post } = connect(server.url);
  for (const startsSession of [false, true, false, false, true, false]) await post({ startsSession });
  expect(server.calls.map(({ headers }) => headers.cookie)).toEqual([
    undefined,
    undefined,
    'vmware_soap_session="2"',
    'vmware_soap_session="2"',
    undefined,
    'vmware_soap_session="5"',
  ]);
});

describe("unreachable", () => {
  const refuse: Reply = (response) =>
    void response.writeHead(503, { "content-type": "text/html" }).end("<html>");
  test.each<[string, Reply, RegExp]>([
    ["a proxy's error page", refuse, /Login at 127\.0\.0\.1:\d+: HTTP 503 without a SOAP fault/],
    [
      "a wrong path",
      (response) => void response.writeHead(404, { "content-type": "text/xml" }).end("<a/>"),
      /HTTP 404 without a SOAP fault: is this a vSphere \/sdk endpoint\?/,
    ],
    [
      "XML that is no fault",
      (response) => void response.writeHead(500, { "content-type": "text/xml" }).end("<a/>"),
      /HTTP 500 without a SOAP fault/,
    ],
    ["a connection cut before the answer", (response) => void response.destroy(), /other side closed/],
    [
      "a connection cut within the answer",
      (response) => {
        response.writeHead(200, { "content-type": "text/xml", "content-length": "1000" });
        response.write(session.slice(0, 100), () => response.destroy());
      },
      /other side closed/,
    ],
  ])("%s: the request may have arrived", async (_, reply, message) => {
    const server = await serve(() => reply);
    const { post, trips } = connect(server.url);
    const error = await post().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(VimUnreachable);
    expect(error).toMatchObject({ requestSent: "maybe", message: expect.stringMatching(message) });
    expect(trips).toHaveLength(1);
  });

  test.each(["127.0.0.1", "localhost"])("nobody listens on %s: nothing was sent", async (host) => {
    const placeholder = createServer().listen(0);
    await once(placeholder, "listening");
    const { port } = placeholder.address() as AddressInfo;
    placeholder.close();
    const { post, trips } = connect(`http://${host}:${port}/sdk`);
    const error = await post().catch((e: unknown) => e);
    expect(error).toMatchObject({
      name: "VimUnreachable",
      requestSent: "no",
      message: expect.stringMatching(/^Login at .*: connect ECONNREFUSED/),
    });
    expect(trips).toMatchObject([{ status: undefined, bytesIn: 0 }]);
  });

  test("queued behind a busy connection until the deadline: nothing was sent", async () => {
    const server = await serve(() => () => {});
    const { post } = connect(server.url, { maxConnections: 1 });
    const stuck = post({ signal: AbortSignal.timeout(200) }).catch((e: unknown) => e);
    const queued = await post({ signal: AbortSignal.timeout(50) }).catch((e: unknown) => e);
    expect(queued).toMatchObject({ requestSent: "no" });
    expect(await stuck).toMatchObject({ requestSent: "maybe" });
  });
});

describe("bounds", () => {
  test.each<[string, Reply]>([
    ["headers", () => {}],
    [
      "body",
      (response) => {
        response.writeHead(200, { "content-type": "text/xml" });
        response.write(session.slice(0, 100));
      },
    ],
  ])("the deadline covers the %s", async (_, reply) => {
    const server = await serve(() => reply);
    const { post } = connect(server.url);
    await expect(post({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: "VimUnreachable",
      requestSent: "maybe",
      message: expect.stringMatching(/^Login at 127\.0\.0\.1:\d+: no answer before the deadline$/),
    });
  });

  test("an abort rejects with its reason", async () => {
    const server = await serve(() => () => {});
    const { post } = connect(server.url);
    const abort = new AbortController();
    const pending = post({ signal: abort.signal });
    const reason = new Error("the caller went away");
    setTimeout(() => abort.abort(reason), 20);
    await expect(pending).rejects.toBe(reason);
  });

  test("an answer past the limit is cut off", async () => {
    const server = await serve(() => session);
    const { post } = connect(server.url, { maxResponseBytes: 100 });
    await expect(post()).rejects.toThrow(VimProtocolError);
    await expect(post()).rejects.toThrow("Login: the answer exceeds 100 bytes");
  });
});

test("errors carry neither the request nor the cookie", async () => {
  let answered = 0;
  const server = await serve(() =>
    answered++ === 0
      ? { xml: session, headers: { "set-cookie": "vmware_soap_session=s3cr3t" } }
      : (response) => void response.destroy(),
  );
  const { post } = connect(server.url);
  await post({ startsSession: true });
  const error = await post().catch((e: unknown) => e);
  const everything = inspect(error, { depth: 20, showHidden: true, getters: true });
  expect(everything).toContain("VimUnreachable");
  expect(everything).not.toMatch(/hunter2|s3cr3t/);
});
