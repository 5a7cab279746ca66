import { type NestingVerification, Tristate } from "@virtrigaud/proto";
import { all, el, type Element } from "./xml.ts";

/** Namespace of a proof's record: apart from the marker, so that one is written without the other. */
export const verificationNamespace = {
  uri: "https://virtrigaud.io/libvirt/verification/1",
  prefix: "virtrigaud-verification",
} as const;

const verdicts: Readonly<Record<string, Tristate>> = {
  true: Tristate.TRUE,
  false: Tristate.FALSE,
  unknown: Tristate.UNKNOWN,
};

/** The record of a proof, as SetMetadata takes it. It holds for the spec of this fingerprint only. */
export function verificationElement(proof: NestingVerification, specFingerprint: string): Element {
  const { prefix, uri } = verificationNamespace;
  const verdict = Object.keys(verdicts).find((name) => verdicts[name] === proof.verdict) ?? "unknown";
  const { reason, message, evidence, verifiedAt } = proof;
  const attributes = { verdict, reason, at: verifiedAt?.toISOString(), fingerprint: specFingerprint };
  return el(`${prefix}:proof`, { [`xmlns:${prefix}`]: uri, ...attributes }, [
    el(`${prefix}:message`, {}, message),
    ...evidence.map((line) => el(`${prefix}:evidence`, {}, line)),
  ]);
}

/** The last proof of a domain with this fingerprint; undefined when there is none. */
export function readVerification(domain: Element, specFingerprint: string): NestingVerification | undefined {
  const { prefix } = verificationNamespace;
  const proof = all(domain, "metadata", `${prefix}:proof`)[0];
  const { verdict = "", reason = "", at, fingerprint } = proof?.attributes ?? {};
  if (proof === undefined || fingerprint !== specFingerprint) return undefined;
  return {
    verdict: verdicts[verdict] ?? Tristate.UNKNOWN,
    reason,
    message: all(proof, `${prefix}:message`)[0]?.text ?? "",
    evidence: all(proof, `${prefix}:evidence`).map(({ text }) => text),
    verifiedAt: at === undefined ? undefined : new Date(at),
  };
}
