import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import { PveTlsError } from "./errors.ts";

/** Whom to believe to be the server. */
export type ServerTrust =
  /** Whoever one of these PEM certificates vouches for (absent: the system's), under the endpoint's host name. */
  | { readonly mode: "ca"; readonly caBundle?: string }
  /** Only this certificate: SHA-256 in hex, colons optional, as PVE shows it. Its names and dates are not looked at. */
  | { readonly mode: "fingerprint"; readonly sha256: string }
  /** Whoever answers, for labs. Also permits an http endpoint. */
  | { readonly mode: "insecure" };

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens TLS 1.2 or newer connections to servers that `trust` admits; others fail with PveTlsError, before anything is
 * sent. Throws PveTlsError at once when `trust` itself makes no sense.
 */
export function trustingConnector(trust: ServerTrust): buildConnector.connector {
  const pin = trust.mode === "fingerprint" ? normalisedPin(trust.sha256) : undefined;
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    secureContext: secureContext(trust),
    rejectUnauthorized: trust.mode === "ca",
    // A resumed session does not show the certificate again; a pin wants to see it every time.
    maxCachedSessions: pin === undefined ? 100 : 0,
  });
  return (options, callback) => {
    connect(options, (error, socket) => {
      if (error !== null) return callback(explain(error, options.hostname), null);
      const shown = pin === undefined ? undefined : fingerprintOf(socket as TLSSocket);
      if (shown === pin) return callback(null, socket);
      socket.destroy();
      callback(pinMismatch(options.hostname, shown), null);
    });
  };
}

function secureContext(trust: ServerTrust): SecureContext {
  const bundle = trust.mode === "ca" ? trust.caBundle : undefined;
  return createSecureContext({
    minVersion: "TLSv1.2",
    ...(bundle === undefined ? {} : { ca: certificatesIn(bundle) }),
  });
}

/** Node passes over what it cannot read in a bundle, and would then trust nobody without saying why. */
function certificatesIn(bundle: string): string[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];
  try {
    if (blocks.length === 0) throw new Error("no BEGIN CERTIFICATE in it");
    return blocks.map((pem) => new X509Certificate(pem).toString());
  } catch (cause) {
    throw new PveTlsError("caFile holds no readable PEM certificate", { cause });
  }
}

function normalisedPin(sha256: string): string {
  const hex = sha256.replaceAll(":", "").toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(hex)) {
    throw new PveTlsError("the certificate fingerprint is not a SHA-256 digest: 64 hex digits are needed");
  }
  return hex;
}

function fingerprintOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate?.()?.fingerprint256.replaceAll(":", "");
}

function pinMismatch(host: string, shown: string | undefined): PveTlsError {
  return new PveTlsError(
    `${host} shows a certificate with SHA-256 fingerprint ${shown ?? "(none)"}, not the pinned one: ` +
      "if the certificate was renewed on purpose, set the fingerprint to the new value",
  );
}

const EXPIRY = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
const UNTRUSTED = new Set([
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Names the knob for what OpenSSL and Node report by code; other errors are not TLS's and pass as they are. */
function explain(error: Error, host: string): Error {
  const code = "code" in error ? String(error.code) : "";
  const remedy = remedyFor(code);
  return remedy === undefined ? error : new PveTlsError(`${host}: ${code}: ${remedy}`, { cause: error });
}

function remedyFor(code: string): string | undefined {
  if (UNTRUSTED.has(code)) {
    return "no trusted authority signed its certificate: put the cluster's (/etc/pve/pve-root-ca.pem) into caFile, or pin the certificate by its fingerprint";
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return "its certificate is for another name: use that name in the endpoint, or pin the certificate by its fingerprint";
  }
  if (EXPIRY.has(code)) return "its certificate is out of date, or this machine's clock is wrong";
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") return "does not speak TLS 1.2 or newer on this port";
  return undefined;
}
