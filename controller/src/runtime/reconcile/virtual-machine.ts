import type { Step } from "../../decide.ts";
import type { Pass } from "../../pass.ts";
import type { VirtualMachineStatus } from "../../status-types.ts";
import { nextStatus } from "../../status.ts";
import { type Ref, refKey } from "../../store/store.ts";
import type { OperationWaits } from "../operation-waits.ts";
import type { WorkResult } from "../work-queue.ts";
import { act } from "./act.ts";
import { type Plan, type Planner, planPass } from "./plan.ts";
import { type Progress, isHeld, resumed } from "./progress.ts";
import { isWork, next, passOf, proof } from "./standing.ts";
import { observe } from "./steps/observe.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What reconciling VMs needs. */
export interface Reconciler extends Planner {
  readonly waits: OperationWaits;
  readonly now: () => Date;
  /** How often a VM that needs nothing is looked at again, in milliseconds. */
  readonly refreshMs: number;
  /** A VM was looked at; `status` is undefined when it is gone and forgotten. */
  readonly onPass: (vm: Ref, verdict: Verdict, status: VirtualMachineStatus | undefined) => void;
}

/** Steps of one pass; more of them means that they undo each other, and others may work in between. */
const MAX_STEPS = 6;
const SOON_MS = 100;

/** One pass over a VM: look, then decide and act until nothing is left to do or something has to be waited for. */
export async function reconcileVirtualMachine(
  ref: Ref,
  reconciler: Reconciler,
  signal: AbortSignal,
): Promise<WorkResult> {
  const vm = await reconciler.store.get("VirtualMachine", ref);
  if (vm === undefined) return { next: "done" };
  const plan = await planPass(vm, reconciler, signal);
  const recorded = await reconciler.store.status(ref);
  // A controller that starts has nothing new to say about a VM until its provider answers.
  if (recorded !== undefined && plan.provider.status === "Unknown") return { next: "done" };
  let progress = await look(resumed(recorded), plan);
  let step = next(plan, progress);
  for (let steps = 1; steps <= MAX_STEPS && isWork(step) && plan.actor !== undefined; steps += 1) {
    progress = await act(step, progress, plan.actor);
    if (isHeld(progress)) break;
    step = next(plan, progress);
  }
  if (progress.deleted) {
    await reconciler.store.forget(ref);
    reconciler.onPass(ref, "reached", undefined);
    return { next: "done" };
  }
  await record(ref, passOf(plan, step, progress), reconciler);
  return afterwards(ref, plan, step, progress, reconciler);
}

/** Reads a VM that is complete. One that is being made or changed is read when that is over. */
function look(progress: Progress, { actor }: Plan): Promise<Progress> | Progress {
  const readable = progress.completed !== undefined && progress.pending === undefined;
  return actor !== undefined && readable ? observe(progress, actor) : progress;
}

/** Writes the status if it says something new, and tells the verdict. */
async function record(ref: Ref, pass: Pass, { store, now, onPass }: Reconciler): Promise<void> {
  const earlier = await store.status(ref);
  const status = nextStatus(pass, earlier, now().toISOString());
  if (JSON.stringify(status) !== JSON.stringify(earlier)) await store.writeStatus(ref, status);
  onPass(ref, verdictOf(pass, status), status);
}

function afterwards(
  ref: Ref,
  plan: Plan,
  step: Step,
  progress: Progress,
  { waits, refreshMs }: Reconciler,
): WorkResult {
  const { running, preparing, failure } = progress;
  if (failure !== undefined) {
    const { retryAfterMs } = failure;
    return retryAfterMs === undefined ? { next: "retry" } : { next: "again", afterMs: retryAfterMs };
  }
  if (running !== undefined && plan.actor !== undefined) {
    waits.begin(refKey(ref), plan.actor.connection, running);
    return { next: "done" };
  }
  // Whoever prepares the image wakes the VM.
  if (preparing !== undefined) return { next: "done" };
  if (isWork(step)) return { next: "again", afterMs: SOON_MS };
  return { next: "again", afterMs: Math.min(refreshMs, proof(plan, progress)?.dueInMs ?? refreshMs) };
}
