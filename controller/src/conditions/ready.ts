import { PowerState, type VM } from "@virtrigaud/proto";
import type { Pass } from "../pass.ts";
import { type Answer, answer, camelReason } from "./condition.ts";
import { nestedReport } from "./nested.ts";
import { operationText } from "./operation-text.ts";

/** Whether the VM is what its declaration says, powered as asked; else the one thing that is missing. */
export function ready(pass: Pass): Answer {
  const { step, failure, observed, vm } = pass;
  const missing = (reason: string, message: string) => answer("Ready", "False", reason, message);
  if (failure !== undefined) return missing(camelReason(failure.reason), failure.message);
  switch (step.kind) {
    case "blocked":
      return missing(
        step.obstacles[0]?.reason ?? "Blocked",
        step.obstacles.map(({ message }) => message).join("; "),
      );
    case "prepare-image":
      return missing("PreparingImage", operationText(pass.operation, "the image is being prepared"));
    case "reconfigure":
      return missing("Reconfiguring", pass.operation?.description || "the VM is being changed");
    case "create":
    case "wait":
      return missing("InProgress", pass.operation?.description || "work is under way");
    case "power":
      return missing("PowerChanging", `powerState ${vm.spec.powerState ?? "On"} is being reached`);
    case "delete":
      return missing("Deleting", "the VM is being deleted");
    case "retain":
      return missing(
        "Retained",
        "deletion was asked for, and the annotation virtrigaud.io/deletion-policy says Retain",
      );
    case "reconfigure-needed":
      return missing(
        "ReconfigureNeeded",
        "the declaration changed after the VM was made, and its provider does not change VMs: undo the change, or delete the VM (vrtg delete) and let it be made anew",
      );
    case "verify":
    case "none":
      return atGoal(pass, observed);
  }
}

function atGoal(pass: Pass, observed: VM | undefined): Answer {
  const { requested, configured, verified, message } = nestedReport(pass);
  if (requested === "True" && (configured === "False" || verified === "False")) {
    return answer("Ready", "False", "NestedVirtualizationMissing", message);
  }
  const running = observed?.powerState === PowerState.ON;
  if (!running) return answer("Ready", "True", "Stopped", "the VM is stopped as declared");
  const waits = observed.restartRequired ? ", but for what waits for a restart" : "";
  return answer("Ready", "True", "Running", `the VM runs as declared${waits}`);
}
