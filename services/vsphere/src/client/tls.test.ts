import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ServerOptions } from "node:https";
import { VimTlsError } from "./errors.ts";
import { ResponseDecoder } from "./response-decoder.ts";
import { makeCertificate, type TestCertificate } from "./testing/certificates.ts";
import { answerTo, startWireServer, type WireServer } from "./testing/wire-server.ts";
import type { ServerTrust } from "./tls.ts";
import { Transport } from "./transport.ts";

let ca: TestCertificate;
let good: TestCertificate;
let otherName: TestCertificate;
let expired: TestCertificate;
let server: WireServer | undefined;

beforeAll(async () => {
  ca = await makeCertificate({ name: "test-ca" });
  good = await makeCertificate({ name: "127.0.0.1", issuer: ca });
  otherName = await makeCertificate({ name: "vcenter.example", issuer: ca });
  expired = await makeCertificate({
    name: "127.0.0.1",
    issuer: ca,
    notAfter: new Date(Date.now() - 1000),
  });
});

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Makes `times` calls to a server with this certificate. */
async function call(options: ServerOptions, trust: ServerTrust, times = 1): Promise<unknown> {
  server = await startWireServer(() => answerTo("Logout"), options);
  const transport = new Transport({ endpoint: server.url, trust });
  try {
    let answer: unknown;
    for (let i = 0; i < times; i++) {
      answer = await transport.post({
        method: "Logout",
        headers: {},
        body: "<soap:Body><Logout/></soap:Body>",
        signal: AbortSignal.timeout(5000),
        startsSession: false,
        decoder: new ResponseDecoder("Logout", undefined),
      });
    }
    return answer;
  } finally {
    await transport.close();
  }
}

describe("admitted", () => {
  test.each<[string, () => [ServerOptions, ServerTrust]]>([
    ["a certificate of the bundle's authority", () => [good, { mode: "ca", caBundle: ca.cert }]],
    ["any of a bundle", () => [good, { mode: "ca", caBundle: otherName.cert + ca.cert }]],
    ["the pinned certificate", () => [good, { mode: "thumbprint", sha256: good.thumbprint }]],
    [
      "the pinned certificate, in lower case without colons, whatever its name and date",
      () => [expired, { mode: "thumbprint", sha256: expired.thumbprint.replaceAll(":", "").toLowerCase() }],
    ],
    ["anyone when told so", () => [expired, { mode: "insecure" }]],
  ])("%s", async (_, arrange) => {
    await expect(call(...arrange())).resolves.toEqual({ value: undefined });
  });
});

describe("refused before anything is sent", () => {
  test.each<[string, () => [ServerOptions, ServerTrust], RegExp]>([
    [
      "an unknown authority",
      () => [good, { mode: "ca" }],
      /no trusted authority .* caFile .*ca\.crt.*thumbprint/,
    ],
    [
      "another authority",
      () => [good, { mode: "ca", caBundle: otherName.cert }],
      /^127\.0\.0\.1: UNABLE_TO_VERIFY_LEAF_SIGNATURE: no trusted authority/,
    ],
    [
      "another name",
      () => [otherName, { mode: "ca", caBundle: ca.cert }],
      /ALTNAME_INVALID: .* for another name/,
    ],
    [
      "an expired certificate",
      () => [expired, { mode: "ca", caBundle: ca.cert }],
      /CERT_HAS_EXPIRED: .*out of date/,
    ],
    [
      "another certificate than the pinned one",
      () => [good, { mode: "thumbprint", sha256: ca.thumbprint }],
      /shows a certificate with SHA-256 thumbprint [0-9A-F]{64}, not the pinned one/,
    ],
    [
      "TLS 1.1",
      () => [
        { ...good, minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
        { mode: "ca", caBundle: ca.cert },
      ],
      /does not speak TLS 1.2 or newer/,
    ],
  ])("%s", async (_, arrange, message) => {
    const error = await call(...arrange()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(VimTlsError);
    expect((error as Error).message).toMatch(message);
    expect(server?.calls).toEqual([]);
  });
});

test("a pin holds for every connection, resumed sessions included", async () => {
  const closing: ServerOptions = { ...good, keepAliveTimeout: 1 };
  await expect(call(closing, { mode: "thumbprint", sha256: good.thumbprint }, 3)).resolves.toBeDefined();
});

describe("trust that makes no sense is refused at once", () => {
  test.each<[string, string, ServerTrust, RegExp]>([
    ["a short pin", "https://h/sdk", { mode: "thumbprint", sha256: "AA:BB" }, /64 hex digits/],
    [
      "a bundle that is none",
      "https://h/sdk",
      { mode: "ca", caBundle: "secret?" },
      /^caFile .* holds no readable/,
    ],
    ["http", "http://h/sdk", { mode: "ca" }, /plain http .*insecure/],
    ["another scheme", "ftp://h/sdk", { mode: "insecure" }, /must be an https URL, not ftp:/],
    ["credentials in the URL", "https://u:p@h/sdk", { mode: "ca" }, /must not hold credentials/],
  ])("%s", (_, endpoint, trust, message) =>
    expect(() => new Transport({ endpoint, trust })).toThrow(message),
  );
});
