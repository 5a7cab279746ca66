import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { expect, test } from "@jest/globals";
import { startPve } from "./start.ts";
import { ask } from "./testing/client.ts";
import { stopAfterEach, withPve } from "./testing/with-pve.ts";

stopAfterEach();

test("it serves within 300 ms, with TLS", async () => {
  const started = performance.now();
  const { pve, call } = await withPve({ tls: true });
  const { status } = await call("GET", "/version");
  expect(performance.now() - started).toBeLessThan(300);
  expect(status).toBe(200);
  expect(pve.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
});

test("its certificate is what it says, is valid for loopback, and differs each time", async () => {
  const [one, other] = await Promise.all([withPve({ tls: true }), withPve({ tls: true })]);
  const certificate = new X509Certificate(one.pve.certificatePem);
  expect(certificate.fingerprint256).toBe(one.pve.fingerprint);
  expect([certificate.checkIP("127.0.0.1"), certificate.checkHost("localhost")]).toEqual([
    "127.0.0.1",
    "localhost",
  ]);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(other.pve.fingerprint).not.toBe(one.pve.fingerprint);
  const { port } = new URL(one.pve.url);
  const seen = await new Promise<string>((resolve, reject) => {
    const socket = connect({ port: Number(port), host: "127.0.0.1", ca: one.pve.certificatePem }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "");
      socket.destroy();
    });
    socket.on("error", reject);
  });
  expect(seen).toBe(one.pve.fingerprint);
});

test("once stopped it is gone, and connections that wait with it", async () => {
  const pve = await startPve({ tls: false, latencyMs: 60_000 });
  const waiting = ask(pve, { path: "/version" });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await Promise.all([pve.stop(), expect(waiting).rejects.toThrow()]);
  await expect(ask(pve, { path: "/version" })).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a port that is taken is an error", async () => {
  const { pve } = await withPve();
  const port = Number(new URL(pve.url).port);
  await expect(startPve({ tls: false, listen: { host: "127.0.0.1", port } })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});
