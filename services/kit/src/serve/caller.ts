import type { ServerInterceptingCallInterface, ServerUnaryCall } from "@grpc/grpc-js";

type Call = Pick<
  ServerUnaryCall<unknown, unknown> | ServerInterceptingCallInterface,
  "getAuthContext" | "getPeer"
>;

/** Who is at the other end of a call. */
export interface Caller {
  /** Its first URI or else DNS name, else its common name, else its address; stable over its connections. */
  readonly identity: string;
  /** Subject alternative names of its certificate, without "DNS:" and the like. */
  readonly sans: readonly string[];
}

/** Reads the caller off the verified client certificate, or off the connection where there is none. */
export function callerOf(call: Call): Caller {
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate === undefined) return { identity: hostOf(call.getPeer()), sans: [] };
  const named = parseSans(certificate.subjectaltname ?? "");
  const sans = named.map(({ value }) => value);
  const best = named.find(({ kind }) => kind === "URI") ?? named.find(({ kind }) => kind === "DNS");
  // A subject may repeat its common name, which Node then gives as a list.
  const commonName = [certificate.subject?.CN].flat()[0];
  return { identity: best?.value ?? commonName ?? sans[0] ?? hostOf(call.getPeer()), sans };
}

/**
 * Splits Node's rendering of subject alternative names, `DNS:a.example, URI:spiffe://x/y, IP Address:192.0.2.1`. Node quotes
 * a value as a JSON string where it holds a comma or quote (its fix of CVE-2021-44532), which is why a split does not do.
 */
export function parseSans(text: string): { kind: string; value: string }[] {
  const pattern = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;
  return [...text.matchAll(pattern)].map(([, kind = "", raw = ""]) => ({
    kind,
    value: raw.startsWith('"') ? String(JSON.parse(raw)) : raw,
  }));
}

function hostOf(peer: string): string {
  return peer.replace(/:[0-9]+$/, "");
}
