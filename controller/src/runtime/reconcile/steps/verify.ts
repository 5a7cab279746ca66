import type { Actor } from "../actor.ts";
import type { Progress } from "../progress.ts";

/** Begins a proof of nesting. It goes on by itself: the VM is as declared meanwhile. */
export function verify(progress: Progress, actor: Actor): Progress {
  const { key, connection, uid, guestCredentials, proofs } = actor;
  proofs.begin(key, connection, { uid, guestCredentials });
  return progress;
}
