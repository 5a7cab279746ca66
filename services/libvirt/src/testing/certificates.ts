// reflect-metadata first: the certificate library's container needs it at import.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;

interface Authority {
  readonly name: string;
  readonly keys: CryptoKeyPair;
  readonly pem: string;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** Makes an authority that signs certificates. */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const authority = { name, keys, pem: "" };
  return { ...authority, pem: await sign(authority, name, keys, []) };
}

/** A certificate for `host`, an IP address or name, of which each side's folder holds what libvirt calls it by. */
export async function writePki(
  folder: string,
  authority: Authority,
  side: string,
  host: string,
): Promise<void> {
  const keys = await newKeys();
  const type = /^[\d.]+$/.test(host) ? "ip" : "dns";
  const names = new x509.SubjectAlternativeNameExtension([{ type, value: host }]);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  await writeFile(join(folder, "cacert.pem"), authority.pem);
  await writeFile(join(folder, `${side}cert.pem`), await sign(authority, host, keys, [names]));
  await writeFile(
    join(folder, `${side}key.pem`),
    `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  );
}

async function sign(
  { name, keys: signer }: Omit<Authority, "pem">,
  subject: string,
  keys: CryptoKeyPair,
  extensions: x509.Extension[],
): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${subject}`,
    issuer: `CN=${name}`,
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + HOUR_MS),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(subject === name, undefined, true), ...extensions],
  });
  return certificate.toString("pem");
}

function newKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}
