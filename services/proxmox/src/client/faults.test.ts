import { getEventListeners, once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "@jest/globals";
import type { Fault } from "@virtrigaud/fakes";
import { encodeRequest } from "./encode-request.ts";
import { PveNodeUnreachable, PveProtocolError, PveUnreachable } from "./errors.ts";
import { endWithTest, rejection, withPve } from "./testing/running.ts";
import { Transport } from "./transport.ts";

/** A simulator that does this to the first requests, a fault each. */
const failing = (...faults: Fault[]) => withPve({ onRequest: ({ sequence }) => faults[sequence - 1] });

const reset: Fault = { kind: "reset", when: "before" };
const drop: Fault = { kind: "drop", when: "before" };

describe("a connection that is cut", () => {
  test.each<[Fault, number]>([
    [{ kind: "reset", when: "before" }, 0],
    [{ kind: "reset", when: "after" }, 1],
    [{ kind: "drop", when: "before" }, 0],
    [{ kind: "drop", when: "after" }, 1],
  ])("by %j under a POST: one POST, and nobody claims to know", async (fault, vmsThen) => {
    // The first request opens the connection, so that the POST meets a kept one.
    const { simulator, pve, arrived } = await failing({ kind: "delay", ms: 0 }, fault);
    await pve.api().version.$get();
    const error = await rejection(pve.api().nodes.$("pve1").qemu.$post({ vmid: 100 }));
    expect(error).toBeInstanceOf(PveUnreachable);
    expect(error).toMatchObject({ sent: true, method: "POST", path: "/nodes/pve1/qemu" });
    expect(arrived()).toEqual(["GET /version", "POST /nodes/pve1/qemu"]);
    expect(simulator.cluster.vms.size).toBe(vmsThen);
  });

  test.each(["$put", "$delete"] as const)("under a %s: one request", async (method) => {
    const { pve, simulator } = await failing(reset);
    const vm = pve.api().nodes.$("pve1").qemu.$(100);
    const call = method === "$put" ? vm.config.$put({ name: "x" }) : vm.$delete();
    expect(await rejection(call)).toMatchObject({ name: "PveUnreachable", sent: true });
    expect(simulator.requests).toHaveLength(1);
  });

  test("under a GET is replaced once", async () => {
    const { pve, arrived, reports } = await failing(reset);
    expect(await pve.api().cluster.resources.$get({ type: "vm" })).toEqual([]);
    expect(arrived()).toEqual(["GET /cluster/resources", "GET /cluster/resources"]);
    expect(reports.map(({ status }) => status)).toEqual([undefined, 200]);
  });

  test("under a GET twice is an error", async () => {
    const { pve, simulator } = await failing(reset, drop);
    expect(await rejection(pve.api().version.$get())).toMatchObject({ name: "PveUnreachable", sent: true });
    expect(simulator.requests).toHaveLength(2);
  });
});

describe("a deadline", () => {
  test.each<[string, Fault]>([
    ["before the head", { kind: "delay", ms: 5_000 }],
    ["between head and body", { kind: "hangBody" }],
    ["within a slow body", { kind: "slowBody", msPerByte: 50 }],
  ])("that passes %s", async (_, fault) => {
    // The first request opens the connection: on a busy machine that alone takes as long.
    const { pve, simulator } = await failing({ kind: "delay", ms: 0 }, fault);
    await pve.api().version.$get();
    const call = pve.api({ deadlineMs: 200 }).version.$get();
    expect(await rejection(call)).toMatchObject({
      name: "PveUnreachable",
      sent: true,
      message: `GET /version: ${new URL(simulator.url).host}: no answer within 200 ms`,
    });
    expect(simulator.requests).toHaveLength(2);
  });

  test("that passes frees the connection", async () => {
    const hang: Fault = { kind: "hangBody" };
    const { pve } = await withPve(
      { onRequest: ({ path }) => (path === "/version" ? hang : undefined) },
      { maxConnections: 1 },
    );
    expect(await rejection(pve.api({ deadlineMs: 200 }).version.$get())).toMatchObject({ sent: true });
    expect(await pve.api({ deadlineMs: 5_000 }).cluster.nextid.$get()).toBe("100");
  });

  test("that passes in the queue for a connection: the request never left", async () => {
    const { pve, simulator } = await withPve(
      { onRequest: ({ method }) => (method === "GET" ? { kind: "delay", ms: 200 } : undefined) },
      { maxConnections: 1 },
    );
    const first = pve.api().version.$get();
    const error = await rejection(pve.api({ deadlineMs: 50 }).nodes.$("pve1").qemu.$post({ vmid: 100 }));
    expect(error).toMatchObject({
      name: "PveUnreachable",
      sent: false,
      message: expect.stringContaining("no answer within 50 ms: it never got a connection"),
    });
    await first;
    await pve.api().version.$get();
    expect(simulator.requests.map(({ method, connection }) => [method, connection])).toEqual([
      ["GET", 1],
      ["GET", 1],
    ]);
  });

  test("that passes while logging in", async () => {
    const { pve, simulator } = await withPve({}, { credentials: () => new Promise(() => {}) });
    const call = pve.api({ deadlineMs: 20 }).nodes.$("pve1").qemu.$post({ vmid: 100 });
    expect(await rejection(call)).toMatchObject({
      name: "PveUnreachable",
      sent: false,
      message: "POST /nodes/pve1/qemu: no answer within 20 ms",
    });
    expect(simulator.requests).toEqual([]);
  });
});

describe("a caller who gives up", () => {
  test("gets his own reason", async () => {
    const { pve } = await failing({ kind: "hangBody" });
    const caller = new AbortController();
    const call = pve.api({ signal: caller.signal }).version.$get();
    const reason = new Error("the caller went away");
    setTimeout(() => caller.abort(reason), 30);
    expect(await rejection(call)).toBe(reason);
  });

  test("before the call sends nothing", async () => {
    const { pve, simulator } = await withPve();
    const reason = new Error("gone");
    const signal = AbortSignal.abort(reason);
    expect(await rejection(pve.api({ signal }).version.$get())).toBe(reason);
    const transport = new Transport({ endpoint: simulator.url, trust: { mode: "insecure" } });
    endWithTest(() => transport.close());
    const version = encodeRequest("get", "/api2/json/version", "/api2/json/version");
    expect(await rejection(transport.send(version, signal))).toBe(reason);
    expect(simulator.requests).toEqual([]);
  });

  test("has one listener, whatever the number of his calls", async () => {
    const { pve } = await withPve();
    const { signal } = new AbortController();
    const calls = Array.from({ length: 50 }, () => pve.api({ signal }).version.$get());
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await Promise.all(calls);
  });
});

describe("nobody there: the request never left", () => {
  test("a port that nobody listens on", async () => {
    const placeholder = createServer().listen(0, "127.0.0.1");
    await once(placeholder, "listening");
    const { port } = placeholder.address() as AddressInfo;
    placeholder.close();
    const { pve, reports } = await withPve({}, { endpoint: `https://127.0.0.1:${port}` });
    expect(await rejection(pve.api().nodes.$("pve1").qemu.$post({ vmid: 100 }))).toMatchObject({
      name: "PveUnreachable",
      sent: false,
      message: `POST /nodes/pve1/qemu: 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
    expect(await rejection(pve.api().version.$get())).toMatchObject({ sent: false });
    expect(reports.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });

  test("a name that is none", async () => {
    const { pve } = await withPve({}, { endpoint: "https://pve.invalid" });
    expect(await rejection(pve.api().nodes.$("pve1").qemu.$post({ vmid: 100 }))).toMatchObject({
      name: "PveUnreachable",
      sent: false,
      message: expect.stringMatching(/^POST \/nodes\/pve1\/qemu: pve\.invalid:8006: getaddrinfo /),
    });
  });
});

describe("a node that does not answer PVE's proxy", () => {
  test("is a dead one: never sent", async () => {
    const { pve } = await withPve({ nodes: [{ name: "pve1" }, { name: "pve2", online: false }] });
    const error = await rejection(pve.api().nodes.$("pve2").qemu.$post({ vmid: 100 }));
    expect(error).toBeInstanceOf(PveNodeUnreachable);
    expect(error).toMatchObject({
      sent: false,
      status: 595,
      message: "POST /nodes/pve2/qemu: PVE's proxy gets no answer from pve2: 595 No route to host",
    });
  });

  test.each([596, 599])("with %i leaves open whether it was sent", async (status) => {
    const { pve } = await failing({ kind: "status", status, reason: "Broken pipe" });
    const error = await rejection(pve.api().nodes.$("pve1").status.$get());
    expect(error).toBeInstanceOf(PveUnreachable);
    expect(error).toMatchObject({ name: "PveNodeUnreachable", sent: true, status, reason: "Broken pipe" });
  });
});

test.each([502, 503, 504])("a proxy's own %i is not PVE's answer", async (status) => {
  const { pve } = await failing({ kind: "status", status, reason: "Bad Gateway" });
  expect(await rejection(pve.api().version.$get())).toMatchObject({
    name: "PveUnreachable",
    sent: true,
    message: `GET /version: ${status} Bad Gateway of a proxy before PVE`,
  });
});

test("an answer past the limit is cut off", async () => {
  const { pve } = await withPve({}, { maxResponseBytes: 20 });
  const error = await rejection(pve.api().version.$get());
  expect(error).toBeInstanceOf(PveProtocolError);
  expect(error).toMatchObject({ message: "GET /version: the answer exceeds 20 bytes" });
});
