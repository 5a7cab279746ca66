import { GracefulTimeoutPolicy } from "@virtrigaud/proto";
import type { Step } from "../../../decide.ts";
import type { Actor } from "../actor.ts";
import { type Progress, isHeld, started } from "../progress.ts";
import { observe } from "./observe.ts";

/** Changes the power state and, when that is over at once, reads the VM. */
export async function power(
  step: Extract<Step, { kind: "power" }>,
  progress: Progress,
  actor: Actor,
): Promise<Progress> {
  const { connection, uid, signal } = actor;
  const { operation } = await connection.setPower(
    {
      uid,
      action: step.action,
      gracefulTimeoutSeconds: step.gracefulTimeoutSeconds,
      onGracefulTimeout: GracefulTimeoutPolicy.POWER_OFF,
      overrideNestedGuard: false,
    },
    { signal },
  );
  const after = started(operation, progress);
  return isHeld(after) ? after : observe(after, actor);
}
