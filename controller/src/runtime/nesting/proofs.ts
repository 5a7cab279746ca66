import { ProviderCallError, type ProviderConnection, status, waitForOperation } from "@virtrigaud/kit/client";
import { type NestingVerification, Tristate, type VerifyNestingRequest } from "@virtrigaud/proto";
import { failureOf } from "../../failure.ts";
import { type NextProof, type ProofOutcome, UNIMPLEMENTED, nextProof } from "./schedule.ts";

interface Entry {
  readonly firstAtMs: number;
  attempts: number;
  underway: boolean;
  dueAtMs: number;
  outcome: ProofOutcome | undefined;
  next: NextProof;
}

/** Where the proof of one VM stands. */
export interface ProofState {
  /** Milliseconds until the next attempt, 0 when it is time; undefined: none comes by itself, or one is under way. */
  readonly dueInMs: number | undefined;
  /** Whether a verdict may come soon. */
  readonly open: boolean;
  /** The last attempt; undefined before the first. */
  readonly outcome: ProofOutcome | undefined;
}

const NOT_TRIED: ProofState = { dueInMs: 0, open: true, outcome: undefined };
/** A guest that takes longer to answer is asked again. */
const TIMEOUT_MS = 5 * 60_000;

/**
 * Proofs of nesting, each taken outside of the queue's workers. What is known of them lives as long as the controller: a verdict is kept
 * by the provider, and a guest that did not answer is asked again.
 */
export class NestingProofs {
  readonly #entries = new Map<string, Entry>();
  readonly #wake: (key: string) => void;
  readonly #signal: AbortSignal;
  readonly #nowMs: () => number;

  /** @param wake called when an attempt for a key is over: time to look at its VM */
  constructor(wake: (key: string) => void, signal: AbortSignal, nowMs = Date.now) {
    this.#wake = wake;
    this.#signal = signal;
    this.#nowMs = nowMs;
  }

  state(key: string): ProofState {
    const entry = this.#entries.get(key);
    if (entry === undefined) return NOT_TRIED;
    const { underway, dueAtMs, outcome, next } = entry;
    const dueInMs = underway || next.afterMs === undefined ? undefined : Math.max(0, dueAtMs - this.#nowMs());
    return { dueInMs, open: underway || next.soon, outcome };
  }

  /** Another boot or another configuration: what was learnt before is about something else. */
  forget(key: string): void {
    this.#entries.delete(key);
  }

  /** Begins an attempt, unless one is under way. */
  begin(key: string, connection: ProviderConnection, request: VerifyNestingRequest): void {
    const entry = this.#entries.get(key) ?? this.#fresh();
    if (entry.underway) return;
    this.#entries.set(key, entry);
    entry.underway = true;
    void this.#attempt(connection, request).then((outcome) => {
      if (this.#signal.aborted) return;
      const now = this.#nowMs();
      entry.attempts += 1;
      entry.underway = false;
      entry.outcome = outcome;
      entry.next = nextProof(outcome, entry.attempts, now - entry.firstAtMs);
      entry.dueAtMs = now + (entry.next.afterMs ?? 0);
      if (this.#entries.get(key) === entry) this.#wake(key);
    });
  }

  #fresh(): Entry {
    const now = this.#nowMs();
    return {
      firstAtMs: now,
      attempts: 0,
      underway: false,
      dueAtMs: now,
      outcome: undefined,
      next: { afterMs: 0, soon: true },
    };
  }

  /** Never rejects: a proof that cannot be had is an answer, and the VM is there all the same. */
  async #attempt(connection: ProviderConnection, request: VerifyNestingRequest): Promise<ProofOutcome> {
    const signal = this.#signal;
    try {
      const { operation } = await connection.verifyNesting(request, { signal });
      if (operation === undefined) return unknown("CONTRACT_VIOLATION", "VerifyNesting brought no operation");
      const { result } = await waitForOperation(connection, operation, { signal, timeoutMs: TIMEOUT_MS });
      return result?.$case === "nestingVerification"
        ? outcomeOf(result.value)
        : unknown("CONTRACT_VIOLATION", "the operation of VerifyNesting brought no verdict");
    } catch (error) {
      if (!(error instanceof ProviderCallError)) return unknown("INTERNAL", String(error));
      const { reason, message } = failureOf(error);
      return unknown(error.code === status.UNIMPLEMENTED ? UNIMPLEMENTED : reason, message);
    }
  }
}

function outcomeOf({ verdict, reason, message }: NestingVerification): ProofOutcome {
  return { verdict, reason, message };
}

function unknown(reason: string, message: string): ProofOutcome {
  return { verdict: Tristate.UNKNOWN, reason, message };
}
