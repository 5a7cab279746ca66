import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { LibvirtAuthError, LibvirtUnreachable } from "../errors.ts";
import type { Target } from "../uri.ts";
import { type OpenChannel, socketChannel } from "./channel.ts";
import { openSocket } from "./open-socket.ts";

type TlsTarget = Extract<Target, { transport: "tls" }>;

/** PEM files. Read for each connection, so that renewed ones are found. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** What libvirtd sends when it has accepted our certificate. */
const ACCEPTED = 1;

/** Connects over TLS 1.2 or newer, both sides with certificates. The server's must be for the URI's host. */
export function openTls(target: TlsTarget, files: TlsFiles = standardFiles(target.pkiPath)): OpenChannel {
  const where = `${target.host}:${target.port}`;
  return async (signal) => {
    const [ca, cert, key] = await Promise.all([
      readPem(files.caFile),
      readPem(files.certFile),
      readPem(files.keyFile),
    ]);
    const raw = await openSocket({ host: target.host, port: target.port }, where, signal);
    return socketChannel(await secure(raw, { ca, cert, key }, target.host, signal));
  };
}

/** Where libvirt keeps them: all in one folder, or spread over the system's. */
export function standardFiles(pkiPath: string | undefined): TlsFiles {
  return pkiPath === undefined
    ? {
        caFile: "/etc/pki/CA/cacert.pem",
        certFile: "/etc/pki/libvirt/clientcert.pem",
        keyFile: "/etc/pki/libvirt/private/clientkey.pem",
      }
    : {
        caFile: join(pkiPath, "cacert.pem"),
        certFile: join(pkiPath, "clientcert.pem"),
        keyFile: join(pkiPath, "clientkey.pem"),
      };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const message = `cannot read ${path}: ${(cause as Error).message}: TLS needs it, see pkipath=`;
    throw new LibvirtAuthError(message, { cause });
  }
}

interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The handshake, and libvirtd's word that it accepts the client. */
function secure(raw: Socket, identity: Identity, host: string, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = begin(raw, identity, host);
    let isSecure = false;
    const onAbort = () => fail(signal.reason);
    const fail = (reason: unknown) => {
      settle();
      socket.on("error", () => {});
      socket.destroy();
      reject(reason);
    };
    const onError = (cause: Error) => fail(isSecure ? refused(host, cause) : explain(cause, host));
    const onClose = () => fail(isSecure ? refused(host) : explain(new Error("the connection closed"), host));
    const onReadable = () => {
      const verdict = socket.read(1) as Buffer | null;
      if (verdict === null) return;
      settle();
      if (verdict[0] === ACCEPTED) resolve(socket);
      else fail(refused(host));
    };
    const settle = () => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError).off("close", onClose).off("readable", onReadable);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError).on("close", onClose);
    socket.once("secureConnect", () => {
      isSecure = true;
      socket.on("readable", onReadable);
    });
    if (signal.aborted) onAbort();
  });
}

function begin(raw: Socket, identity: Identity, host: string): TLSSocket {
  try {
    return connect({
      ...identity,
      socket: raw,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      minVersion: "TLSv1.2",
    });
  } catch (cause) {
    raw.destroy();
    throw new LibvirtAuthError(
      `TLS to ${host}: the client's certificate and key do not fit: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** libvirtd closes the connection instead of saying why. */
function refused(host: string, cause?: Error): LibvirtAuthError {
  return new LibvirtAuthError(
    `TLS to ${host}: libvirtd does not accept the client certificate: is it of the authority that ca_file names, ` +
      "and in tls_allowed_dn_list if there is one (libvirtd.conf)?",
    { cause },
  );
}

const REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the server's certificate is out of date",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet: are the clocks right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the CA file did not sign the server's certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name: use that in the URI",
  SELF_SIGNED_CERT_IN_CHAIN: "the CA file did not sign the server's certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the CA file did not sign the server's certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the CA file did not sign the server's certificate",
};

function explain(cause: Error, host: string): Error {
  const code = "code" in cause ? String(cause.code) : "";
  const remedy = REMEDIES[code];
  if (remedy !== undefined) return new LibvirtAuthError(`TLS to ${host}: ${code}: ${remedy}`, { cause });
  return new LibvirtUnreachable(`TLS to ${host}: ${cause.message}`, { sent: "no", cause });
}
