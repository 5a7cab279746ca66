import { type AppliedCapability, Outcome } from "@virtrigaud/proto";
import type { Pass } from "../pass.ts";
import { featureName } from "./feature-name.ts";
import { operationText } from "./operation-text.ts";
import { type Answer, answer, camelReason } from "./condition.ts";

/** Whether the VM exists as declared, with what was not set exactly as asked. */
export function provisioned({ step, failure, operation, observed, completed }: Pass): Answer {
  const because = (reason: string, message: string) => answer("Provisioned", "False", reason, message);
  if (step.kind === "delete") return because("Deleting", "the VM is being deleted");
  if (completed !== undefined) {
    return answer(
      "Provisioned",
      "True",
      "Complete",
      [`stored as asked`, ...deviations(observed?.appliedCapabilities ?? [])].join("; "),
    );
  }
  if (failure !== undefined) return because(camelReason(failure.reason), failure.message);
  if (step.kind === "blocked") {
    return because(
      step.obstacles[0]?.reason ?? "Blocked",
      step.obstacles.map(({ message }) => message).join("; "),
    );
  }
  if (step.kind === "prepare-image")
    return because("PreparingImage", operationText(operation, "the image is being prepared"));
  return because("Creating", operation?.description || "the VM is being made");
}

/** What was switched on for another knob's sake, and what took another knob's place. */
function deviations(applied: readonly AppliedCapability[]): string[] {
  return applied
    .filter(({ outcome }) => outcome === Outcome.IMPLIED || outcome === Outcome.SUBSTITUTED)
    .map(({ feature, outcome, mechanism, reason }) => {
      const verb = outcome === Outcome.IMPLIED ? "implied" : "substituted";
      return `${featureName(feature)} ${verb} (${mechanism}): ${reason}`;
    });
}
