import { Tristate } from "@virtrigaud/proto";
import { type Step, decide } from "../../decide.ts";
import type { Pass } from "../../pass.ts";
import type { ProofState } from "../nesting/proofs.ts";
import { proofWanted } from "../nesting/wanted.ts";
import type { Plan } from "./plan.ts";
import type { Progress } from "./progress.ts";

/** The step that is due as far as is known. */
export function next(plan: Plan, progress: Progress): Step {
  const { vm, obstacles, digest, actor } = plan;
  const { observed, completed, pending, failure, mismatched } = progress;
  const recorded = {
    ...(completed !== undefined && { specDigest: completed }),
    ...(pending !== undefined && { lastTaskRef: pending }),
  };
  // A VM that could not be read is not one that is gone.
  if (failure !== undefined) return { kind: "none" };
  return decide({
    vm,
    obstacles,
    digest,
    observed,
    recorded,
    imageReady: progress.imageReady || actor?.image === undefined,
    reconfigurable: actor?.reconfigurable ?? false,
    mismatched,
    proofDue: proof(plan, progress)?.dueInMs === 0,
  });
}

/** Steps that do something, as opposed to standings. */
export function isWork({ kind }: Step): boolean {
  return !["blocked", "reconfigure-needed", "retain", "none"].includes(kind);
}

/** Where the proof of nesting stands; undefined when none is wanted. */
export function proof({ vm, features, actor }: Plan, { observed }: Progress): ProofState | undefined {
  return actor !== undefined && proofWanted(vm, observed, features)
    ? actor.proofs.state(actor.key)
    : undefined;
}

/** What the pass came to. */
export function passOf(plan: Plan, step: Step, progress: Progress): Pass {
  const { vm, vmClass, provider } = plan;
  const { observed, completed, pending, running, preparing, failure } = progress;
  const { outcome, open = false } = proof(plan, progress) ?? {};
  return {
    vm,
    vmClass,
    provider,
    step,
    pending,
    operation: running ?? preparing,
    failure,
    observed,
    completed,
    unproven: outcome?.verdict === Tristate.UNKNOWN ? outcome : undefined,
    proving: open,
  };
}
