// reflect-metadata first: the certificate library's container needs it at import.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, AA:BB:… */
  readonly thumbprint: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly subject: string;
}

export interface CertificateRequest {
  /** An IP address or host name. */
  readonly name: string;
  readonly notAfter?: Date;
  /** Signs it; without one it signs itself, and may sign others. */
  readonly issuer?: TestCertificate;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;
let serialNumber = 0;

/** Makes a certificate that is valid for the two hours before `notAfter`, by default now in the middle. */
export async function makeCertificate({
  name,
  notAfter,
  issuer,
}: CertificateRequest): Promise<TestCertificate> {
  const end = notAfter ?? new Date(Date.now() + HOUR_MS);
  const keys = await newKeys();
  const subject = `CN=${name}`;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (++serialNumber).toString(16).padStart(2, "0"),
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(end.getTime() - 2 * HOUR_MS),
    notAfter: end,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(issuer === undefined, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: /^[\d.]+$/.test(name) ? "ip" : "dns", value: name }]),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const digest = Buffer.from(await certificate.getThumbprint("SHA-256"))
    .toString("hex")
    .toUpperCase();
  return {
    cert: certificate.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`,
    thumbprint: (digest.match(/../g) ?? []).join(":"),
    keys,
    subject,
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  const keys = webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  return keys as Promise<webcrypto.CryptoKeyPair>;
}
