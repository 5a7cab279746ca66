import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import type { Fault } from "@virtrigaud/fakes";
import type { Credentials } from "./credentials.ts";
import { Pve } from "./pve.ts";
import { endWithTest, rejection, withPve } from "./testing/running.ts";

const planted = ["tok3n-s3cret", "correct-horse", "c1-passw0rd", "PVE:root@pam:", "PVE%3Aroot"];
const token: Credentials = { kind: "token", id: "root@pam!t", secret: "tok3n-s3cret" };
const password: Credentials = { kind: "password", username: "root@pam", password: "correct-horse" };
const everythingOf = (value: unknown) => inspect(value, { depth: 20, showHidden: true, getters: true });

const faults: [string, Fault | undefined][] = [
  ["refused", { kind: "status", status: 500, reason: "VM is locked (backup)" }],
  ["not logged in", { kind: "status", status: 401, reason: "Authentication failed!" }],
  ["reset", { kind: "reset", when: "before" }],
  ["dropped", { kind: "drop", when: "after" }],
  ["late", { kind: "hangBody" }],
  ["checked by PVE", undefined],
];
const kinds: [string, Credentials][] = [
  ["token", token],
  ["password", password],
];

describe.each(kinds)("with a %s, no error and no report of a request that is", (_, credentials) => {
  test.each(faults)("%s shows a secret", async (_, fault) => {
    const { pve, reports } = await withPve(
      {
        tokens: [{ id: "root@pam!t", secret: "tok3n-s3cret" }],
        users: [{ id: "root@pam", password: "correct-horse" }],
        onRequest: ({ path }) => (path === "/access/ticket" ? undefined : fault),
      },
      { credentials: async () => credentials },
    );
    const { qemu } = pve.api({ deadlineMs: 200 }).nodes.$("pve1");
    const error = await rejection(qemu.$post({ vmid: 1, cipassword: "c1-passw0rd" }));
    const everything = everythingOf([error, reports]);
    expect(everything).toMatch(/Pve[A-Z]/);
    for (const secret of planted) expect(everything).not.toContain(secret);
  });
});

/** A server that answers every request with all it was sent, login apart, in its reason and its errors. */
async function startParrot(): Promise<string> {
  const repeat = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const json = { "content-type": "application/json;charset=UTF-8" };
    if (request.url?.endsWith("/access/ticket") && body.includes("correct-horse")) {
      const data = { ticket: "PVE:root@pam:6B001553::c2lnbmF0dXJl", CSRFPreventionToken: "6B001553:Y3NyZg" };
      return void response.writeHead(200, json).end(JSON.stringify({ data }));
    }
    const told = decodeURIComponent(`${body} ${Object.values(request.headers).join(" ")}`);
    response.writeHead(400, `no: ${told}`, json).end(JSON.stringify({ errors: { told } }));
  };
  const server = createServer((request, response) => void repeat(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endWithTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each(kinds)("a %s that the server repeats is cut out", async (_, credentials) => {
  const endpoint = await startParrot();
  const pve = new Pve({ endpoint, trust: { mode: "insecure" }, credentials: async () => credentials });
  endWithTest(() => pve.close());
  const error = await rejection(pve.api().nodes.$("pve1").qemu.$post({ vmid: 1, cipassword: "c1-passw0rd" }));
  const everything = everythingOf(error);
  expect(error).toMatchObject({ reason: expect.stringContaining("[redacted]") });
  expect(error).toMatchObject({ errors: { told: expect.stringContaining("[redacted]") } });
  for (const secret of [...planted, "c2lnbmF0dXJl", "Y3NyZg"]) expect(everything).not.toContain(secret);
});
