import tls from "node:tls";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { CLIENT_NAME, type Identity, createThrowAwayPki } from "./certificates.ts";

describe("throw-away certificates", () => {
  test("the two sides accept each other by name over TLS 1.3", async () => {
    const pki = await createThrowAwayPki();
    expect(await handshake(pki.ca, pki.server, pki.client)).toEqual({
      protocol: "TLSv1.3",
      caller: `DNS:${CLIENT_NAME}`,
    });
  });

  test("a client of another authority is refused", async () => {
    const [pki, stranger] = await Promise.all([createThrowAwayPki(), createThrowAwayPki()]);
    await expect(handshake(pki.ca, pki.server, stranger.client)).rejects.toThrow();
  });

  test("the client's certificate does not serve", async () => {
    const pki = await createThrowAwayPki();
    await expect(handshake(pki.ca, pki.client, pki.client)).rejects.toThrow();
  });
});

async function handshake(ca: string, server: Identity, client: Identity) {
  const identity = { ca, cert: server.certificate, key: server.key };
  const listener = tls.createServer({ ...identity, requestCert: true, minVersion: "TLSv1.3" });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const { port } = listener.address() as AddressInfo;
  const socket = tls.connect({ port, host: "127.0.0.1", ca, cert: client.certificate, key: client.key });
  try {
    return await new Promise((resolve, reject) => {
      listener.once("tlsClientError", reject);
      socket.once("error", reject);
      listener.once("secureConnection", (peer) =>
        resolve({ protocol: peer.getProtocol(), caller: peer.getPeerCertificate().subjectaltname }),
      );
    });
  } finally {
    socket.on("error", () => undefined).destroy();
    listener.close();
  }
}
