import type { VM } from "@virtrigaud/proto";
import { type Answer, answer } from "./condition.ts";

/** Whether a stored change waits for a power cycle. */
export function restartRequired(observed: VM): Answer {
  return observed.restartRequired
    ? answer(
        "RestartRequired",
        "True",
        "ChangesWait",
        observed.restartRequiredReasons.join("; ") ||
          "a stored change acts after the VM was powered off and on",
      )
    : answer("RestartRequired", "False", "NothingWaits", "no stored change waits for a restart");
}
