import { NestingVerification } from "@virtrigaud/proto";
import { decodeDescription } from "./language/description.ts";

/** Evidence that is kept with a proof; the description has little room. */
const mostEvidence = 1_000;

/** A proof taken in the guest as the description keeps it. It holds for the spec of this fingerprint only. */
export function proofJson(proof: NestingVerification, specFingerprint: string): string {
  let room = mostEvidence;
  const evidence = proof.evidence.filter((line) => {
    room -= line.length;
    return room >= 0;
  });
  const kept = NestingVerification.toJSON({ ...proof, evidence }) as object;
  return JSON.stringify({ fingerprint: specFingerprint, ...kept });
}

/** The last proof in a description with this fingerprint; undefined when there is none. */
export function readProof(description: string, specFingerprint: string): NestingVerification | undefined {
  const { proof } = decodeDescription(description);
  if (proof === undefined) return undefined;
  try {
    const { fingerprint, ...kept } = JSON.parse(proof) as Record<string, unknown>;
    return fingerprint === specFingerprint ? NestingVerification.fromJSON(kept) : undefined;
  } catch {
    // People edit notes; a broken proof is none.
    return undefined;
  }
}
