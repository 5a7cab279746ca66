import { ProviderCallError } from "@virtrigaud/kit/client";
import { EnsureState } from "@virtrigaud/proto";
import type { Actor } from "../actor.ts";
import { type Progress, started } from "../progress.ts";

/** Calls the ensure once. A VM of this uid that was made from another declaration is left to ReconfigureVM, where there is one. */
export async function create(progress: Progress, actor: Actor): Promise<Progress> {
  const { connection, uid, spec, digest, controllerId, reconfigurable, signal } = actor;
  try {
    const { state, operation, vm } = await connection.createVm({ uid, spec, controllerId }, { signal });
    if (state === EnsureState.COMPLETE) return { ...progress, completed: digest, observed: vm };
    return started(operation, progress);
  } catch (error) {
    // Maybe because the image is gone again.
    if (actor.image !== undefined) actor.images.forget(connection, actor.image);
    const mismatched = error instanceof ProviderCallError && error.reason === "SPEC_MISMATCH";
    // What ReconfigureVM has just accepted and CreateVM still does not know, no repetition puts right.
    if (!mismatched || !reconfigurable || progress.reconfigured) throw error;
    return { ...progress, mismatched };
  }
}
