import { ChangeEffect, EnsureState, type KnobChange, type RestartPolicy, type VM } from "@virtrigaud/proto";
import type { Actor } from "../actor.ts";
import { type Progress, started } from "../progress.ts";

/**
 * Calls the ensure once. A VM that was being made when its declaration changed stays incomplete: CreateVM then accepts it, and sees to
 * what else is due.
 */
export async function reconfigure(
  restartPolicy: RestartPolicy,
  progress: Progress,
  { connection, uid, spec, digest, signal }: Actor,
): Promise<Progress> {
  const { state, operation, vm, changes } = await connection.reconfigureVm(
    { uid, spec, restartPolicy },
    { signal },
  );
  if (state !== EnsureState.COMPLETE) return started(operation, progress);
  const accepted = { ...progress, mismatched: false, reconfigured: true };
  if (progress.completed === undefined) return accepted;
  return { ...accepted, completed: digest, observed: vm && withWaiting(vm, changes) };
}

/** What the answer says to be waiting for a restart is waiting, also where the VM as read does not show it. */
function withWaiting(vm: VM, changes: readonly KnobChange[]): VM {
  const waiting = changes.filter(({ effect }) => effect === ChangeEffect.RESTART_REQUIRED);
  if (waiting.length === 0) return vm;
  const reasons = vm.restartRequiredReasons;
  return {
    ...vm,
    restartRequired: true,
    restartRequiredReasons: reasons.length > 0 ? reasons : waiting.map(({ description }) => description),
  };
}
