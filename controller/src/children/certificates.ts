// reflect-metadata first: the certificate library's container needs it at import.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate with its private key, both in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** What two processes of one machine need to trust each other and nobody else. */
export interface ThrowAwayPki {
  /** Certificate of the authority that signed both. Its key was never kept. */
  readonly ca: string;
  /** For the provider, valid for localhost and 127.0.0.1. */
  readonly server: Identity;
  /** For the controller; its only name is {@link CLIENT_NAME}. */
  readonly client: Identity;
}

/** DNS name in the controller's certificate, for the provider's list of allowed callers. */
export const CLIENT_NAME = "vrtg.local";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A process that outlives it is started anew by its supervisor long before. */
const LIFETIME_MS = 365 * DAY_MS;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Makes an authority, signs one certificate for each side with it, and forgets its key. */
export async function createThrowAwayPki(now = new Date()): Promise<ThrowAwayPki> {
  const keys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now),
    name: "CN=vrtg throw-away authority",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const sign = (name: string, usage: x509.ExtendedKeyUsage, names: x509.JsonGeneralNames) =>
    issue({ name, usage, names, issuer: ca.subject, signingKey: keys.privateKey, now });
  return {
    ca: ca.toString("pem"),
    server: await sign("CN=virtrigaud-provider", x509.ExtendedKeyUsage.serverAuth, [
      { type: "dns", value: "localhost" },
      { type: "ip", value: "127.0.0.1" },
    ]),
    client: await sign("CN=vrtg", x509.ExtendedKeyUsage.clientAuth, [{ type: "dns", value: CLIENT_NAME }]),
  };
}

interface Order {
  name: string;
  usage: x509.ExtendedKeyUsage;
  names: x509.JsonGeneralNames;
  issuer: string;
  signingKey: webcrypto.CryptoKey;
  now: Date;
}

async function issue({ name, usage, names, issuer, signingKey, now }: Order): Promise<Identity> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(now),
    subject: name,
    issuer,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      new x509.SubjectAlternativeNameExtension(names),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

/** An hour back, because a container's clock may lag behind its host's. */
function validity(now: Date) {
  return {
    notBefore: new Date(now.getTime() - DAY_MS / 24),
    notAfter: new Date(now.getTime() + LIFETIME_MS),
  };
}
