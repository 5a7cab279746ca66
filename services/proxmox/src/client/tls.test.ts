import { once } from "node:events";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { rootCertificates } from "node:tls";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { type Certificate, makeCertificate } from "@virtrigaud/fakes";
import { PveTlsError } from "./errors.ts";
import { Pve } from "./pve.ts";
import { endWithTest, rejection } from "./testing/running.ts";
import type { ServerTrust } from "./tls.ts";

const YEARS_MS = 365 * 86_400_000;
let good: Certificate;
let other: Certificate;
let expired: Certificate;
beforeAll(() => {
  good = makeCertificate();
  other = makeCertificate();
  expired = makeCertificate(Date.now() - 2 * YEARS_MS);
});

const serverOf = ({ pem, keyPem }: Certificate): ServerOptions => ({ cert: pem, key: keyPem });

/** A server with these options that answers everything like PVE's version, and how often it was asked. */
async function serve(options: ServerOptions) {
  const asked: string[] = [];
  const server = createServer(options, (request, response) => {
    asked.push(request.url ?? "");
    const headers = { "content-type": "application/json;charset=UTF-8", connection: "close" };
    response.writeHead(200, headers).end('{"data":"9.2"}');
  });
  server.listen(0, "::");
  await once(server, "listening");
  endWithTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

function connect(host: string, port: number, trust: ServerTrust): Pve {
  const credentials = async () => ({ kind: "token", id: "root@pam!t", secret: "s3cr3t" }) as const;
  const pve = new Pve({ endpoint: `https://${host}:${port}`, trust, credentials });
  endWithTest(() => pve.close());
  return pve;
}

describe("admitted", () => {
  test.each<[string, () => [Certificate, ServerTrust]]>([
    ["a certificate of the bundle's authority", () => [good, { mode: "ca", caBundle: good.pem }]],
    ["any of a bundle", () => [good, { mode: "ca", caBundle: rootCertificates[0] + good.pem }]],
    ["the pinned certificate", () => [good, { mode: "fingerprint", sha256: good.fingerprint }]],
    [
      "the pinned certificate, in lower case without colons, whatever its date",
      () => [expired, { mode: "fingerprint", sha256: expired.fingerprint.replaceAll(":", "").toLowerCase() }],
    ],
    ["anyone when told so", () => [expired, { mode: "insecure" }]],
  ])("%s", async (_, arrange) => {
    const [certificate, trust] = arrange();
    const { port } = await serve(serverOf(certificate));
    await expect(connect("127.0.0.1", port, trust).api().version.$get()).resolves.toBe("9.2");
  });
});

describe("refused before anything is sent", () => {
  test.each<[string, () => [ServerOptions, ServerTrust], RegExp, string?]>([
    [
      "an unknown authority",
      () => [serverOf(good), { mode: "ca" }],
      /^127\.0\.0\.1: DEPTH_ZERO_SELF_SIGNED_CERT: no trusted authority .*pve-root-ca\.pem.* caFile.*fingerprint/,
    ],
    [
      "another authority",
      () => [serverOf(good), { mode: "ca", caBundle: other.pem }],
      /no trusted authority/,
    ],
    [
      "another name",
      () => [serverOf(good), { mode: "ca", caBundle: good.pem }],
      /^127\.0\.0\.2: ERR_TLS_CERT_ALTNAME_INVALID: .* for another name/,
      "127.0.0.2",
    ],
    [
      "an expired certificate",
      () => [serverOf(expired), { mode: "ca", caBundle: expired.pem }],
      /CERT_HAS_EXPIRED: .*out of date/,
    ],
    [
      "another certificate than the pinned one",
      () => [serverOf(good), { mode: "fingerprint", sha256: other.fingerprint }],
      /shows a certificate with SHA-256 fingerprint [0-9A-F]{64}, not the pinned one/,
    ],
    [
      "TLS 1.1",
      () => [
        { ...serverOf(good), minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
        { mode: "ca", caBundle: good.pem },
      ],
      /does not speak TLS 1.2 or newer/,
    ],
  ])("%s", async (_, arrange, message, host = "127.0.0.1") => {
    const [options, trust] = arrange();
    const { port, asked } = await serve(options);
    const error = await rejection(connect(host, port, trust).api().version.$get());
    expect(error).toBeInstanceOf(PveTlsError);
    expect((error as Error).message).toMatch(message);
    expect(asked).toEqual([]);
  });
});

test("a pin holds for every connection, resumed sessions included", async () => {
  const { port } = await serve(serverOf(good));
  const pve = connect("127.0.0.1", port, { mode: "fingerprint", sha256: good.fingerprint });
  for (let i = 0; i < 3; i++) await expect(pve.api().version.$get()).resolves.toBe("9.2");
});
