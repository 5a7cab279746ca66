// reflect-metadata first: the certificate library's container needs it at import.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtemp, rename, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

/** PEM of a certificate with its key, and of the CA that its other side must come from. */
export interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
}

/** A certificate authority for tests. */
export interface Authority {
  readonly certificate: Buffer;
  /** Issues a certificate for both ends. @param trusts whose certificates its holder accepts; this authority's without it. */
  issue(names: x509.JsonGeneralNames, trusts?: Authority): Promise<Identity>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
let serialNumber = 1;

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(),
    name: `CN=${name}`,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const certificate = Buffer.from(root.toString("pem"));
  return {
    certificate,
    async issue(names, trusts) {
      const own = await newKeys();
      const leaf = await x509.X509CertificateGenerator.create({
        ...common(),
        subject: "CN=test",
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension(names)],
      });
      const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", own.privateKey));
      const key = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
      return {
        cert: Buffer.from(leaf.toString("pem")),
        key: Buffer.from(key),
        ca: trusts?.certificate ?? certificate,
      };
    },
  };
}

/** Names of a server on this machine. */
export const LOCALHOST: x509.JsonGeneralNames = [
  { type: "dns", value: "localhost" },
  { type: "ip", value: "127.0.0.1" },
];

/** A new directory that holds an identity as Kubernetes mounts it: links through "..data", which one rename replaces. */
export async function tlsDirectory(identity: Identity): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "kit-tls-"));
  await replaceIdentity(directory, identity);
  for (const file of ["tls.crt", "tls.key", "ca.crt"])
    await symlink(join("..data", file), join(directory, file));
  return directory;
}

/** Rotates all three files at once. */
export async function replaceIdentity(directory: string, { cert, key, ca }: Identity): Promise<void> {
  const version = await mkdtemp(join(directory, "..version-"));
  await writeFile(join(version, "tls.crt"), cert);
  await writeFile(join(version, "tls.key"), key);
  await writeFile(join(version, "ca.crt"), ca);
  await symlink(version, join(version, "..data"));
  await rename(join(version, "..data"), join(directory, "..data"));
}

function common() {
  const now = Date.now();
  serialNumber += 1;
  return {
    serialNumber: serialNumber.toString(16).padStart(2, "0"),
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 3_600_000),
    signingAlgorithm: ALGORITHM,
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]) as Promise<webcrypto.CryptoKeyPair>;
}
