import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";

/** Where the three files are. */
export interface TlsPaths {
  readonly certFile: string;
  readonly keyFile: string;
  /** The CA that the other side's certificate must come from. */
  readonly caFile: string;
}

/** Their content, PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
}

/** Reads the files and checks that they can be used together. @throws Error that names the file and what is wrong with it. */
export async function readTlsFiles(paths: TlsPaths): Promise<TlsMaterial> {
  const [cert, key, ca] = await Promise.all([read(paths.certFile), read(paths.keyFile), read(paths.caFile)]);
  checkCertificate(cert, paths.certFile);
  checkCertificate(ca, paths.caFile);
  const material = { cert, key, ca };
  try {
    createSecureContext(secureContextOptions(material));
  } catch (error) {
    throw new Error(`${paths.keyFile}: is not the private key of ${paths.certFile}`, { cause: error });
  }
  return material;
}

/** What a TLS connection of the contract is made with: version 1.3, nothing older. */
export function secureContextOptions(material: TlsMaterial): SecureContextOptions {
  return { ...material, minVersion: "TLSv1.3" };
}

/** How a rotation is noticed. */
export interface TlsWatch {
  readonly paths: TlsPaths;
  /** What was read first. */
  readonly current: TlsMaterial;
  readonly intervalMs: number;
  /** The files changed and can be used. */
  readonly onChange: (material: TlsMaterial) => void;
  /** The files cannot be used as they are; what was read before stays in use. Called once for each new message. */
  readonly onProblem: (message: string) => void;
}

/**
 * Looks at the files again and again. Kubernetes swaps a symbolic link and other tools write file after file, so that contents
 * are compared, and a set that does not belong together is waited out rather than used.
 * @returns a function that stops it.
 */
export function watchTlsFiles({ paths, current, intervalMs, onChange, onProblem }: TlsWatch): () => void {
  let known = current;
  let problem = "";
  let stopped = false;
  const look = async () => {
    try {
      const found = await readTlsFiles(paths);
      problem = "";
      if (stopped || same(found, known)) return;
      known = found;
      onChange(found);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!stopped && message !== problem) onProblem(message);
      problem = message;
    }
  };
  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${file}: cannot be read (${code === "ENOENT" ? "no such file" : code})`, {
      cause: error,
    });
  }
}

function checkCertificate(pem: Buffer, file: string): void {
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw new Error(`${file}: is not a PEM certificate`, { cause: error });
  }
}

function same(a: TlsMaterial, b: TlsMaterial): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key) && a.ca.equals(b.ca);
}
