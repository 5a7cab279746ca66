import { ProviderCallError, status as code } from "@virtrigaud/kit/client";
import type { Actor } from "../actor.ts";
import { type Progress, isHeld, started } from "../progress.ts";
import { observe } from "./observe.ts";

/** The operation that an earlier pass left. Once it is over, or forgotten, calling again shows what is left to do. */
export async function lookAtOperation(name: string, progress: Progress, actor: Actor): Promise<Progress> {
  const over = { ...progress, pending: undefined, running: undefined };
  try {
    const { operation } = await actor.connection.getOperation({ name }, { signal: actor.signal });
    const after = started(operation, over);
    return isHeld(after) ? after : readIfComplete(after, actor);
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === code.NOT_FOUND)
      return readIfComplete(over, actor);
    throw error;
  }
}

function readIfComplete(progress: Progress, actor: Actor): Promise<Progress> | Progress {
  return progress.completed === undefined ? progress : observe(progress, actor);
}
