import type { Step } from "../../decide.ts";
import type { Actor } from "./actor.ts";
import { type Progress, failed } from "./progress.ts";
import { create } from "./steps/create.ts";
import { lookAtOperation } from "./steps/look-at-operation.ts";
import { power } from "./steps/power.ts";
import { prepareImage } from "./steps/prepare-image.ts";
import { reconfigure } from "./steps/reconfigure.ts";
import { remove } from "./steps/remove.ts";
import { verify } from "./steps/verify.ts";

/** Does one step. What the provider refuses becomes a failure; any other error is thrown. */
export async function act(step: Step, before: Progress, actor: Actor): Promise<Progress> {
  // A VM that has to be made is not complete, also when that fails.
  const making = step.kind === "create" || step.kind === "prepare-image";
  const progress = making ? { ...before, completed: undefined, observed: undefined } : before;
  // What changes a VM outdates what was learnt about its guest.
  if (step.kind !== "verify") actor.proofs.forget(actor.key);
  try {
    switch (step.kind) {
      case "wait":
        return await lookAtOperation(step.operation, progress, actor);
      case "prepare-image":
        return await prepareImage(progress, actor);
      case "create":
        return await create(progress, actor);
      case "power":
        return await power(step, progress, actor);
      case "reconfigure":
        return await reconfigure(step.restartPolicy, progress, actor);
      case "verify":
        return verify(progress, actor);
      case "delete":
        return await remove(progress, actor);
      default:
        return progress;
    }
  } catch (error) {
    return failed(error, progress, actor.signal);
  }
}
