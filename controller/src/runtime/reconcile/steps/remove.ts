import { EnsureState } from "@virtrigaud/proto";
import type { Actor } from "../actor.ts";
import { type Progress, started } from "../progress.ts";

/** Calls the ensure once. */
export async function remove(progress: Progress, { connection, uid, signal }: Actor): Promise<Progress> {
  const { state, operation } = await connection.deleteVm({ uid, retainDisks: false }, { signal });
  return state === EnsureState.COMPLETE ? { ...progress, deleted: true } : started(operation, progress);
}
