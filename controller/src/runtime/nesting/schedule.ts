import { Tristate } from "@virtrigaud/proto";
import { SIMULATED } from "./wanted.ts";

/** What an attempt to prove nesting came to. A call that failed is UNKNOWN with the error's reason. */
export interface ProofOutcome {
  readonly verdict: Tristate;
  readonly reason: string;
  readonly message: string;
}

/** When to try again. */
export interface NextProof {
  /** Milliseconds from now; undefined: never. */
  readonly afterMs: number | undefined;
  /** Whether a verdict may come soon, so that it is worth waiting for: the guest may still be booting. */
  readonly soon: boolean;
}

/** Pauses while a guest may still be booting or installing its agent, in milliseconds; the last one repeats. */
const PAUSES_MS = [1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 20_000, 30_000];
const BOOTING_MS = 10 * 60_000;
const RARELY_MS = 60 * 60_000;

/** Reason of a provider that takes no proofs. */
export const UNIMPLEMENTED = "UNIMPLEMENTED";
/** Reasons that no repetition changes. */
const NEVER: ReadonlySet<string> = new Set([SIMULATED, UNIMPLEMENTED]);

/**
 * @param attempts how many there were, 1 or more
 * @param sinceFirstMs time since the first of them
 */
export function nextProof(
  { verdict, reason }: ProofOutcome,
  attempts: number,
  sinceFirstMs: number,
): NextProof {
  if (NEVER.has(reason)) return { afterMs: undefined, soon: false };
  if (verdict === Tristate.TRUE || verdict === Tristate.FALSE || sinceFirstMs >= BOOTING_MS)
    return { afterMs: RARELY_MS, soon: false };
  return { afterMs: PAUSES_MS[Math.min(attempts, PAUSES_MS.length) - 1] ?? RARELY_MS, soon: true };
}
