import type { Pass } from "../../pass.ts";
import type { VirtualMachineStatus } from "../../status-types.ts";

/** How a VM stands to its goal: there; on the way, maybe waiting; or stuck until somebody changes something. */
export type Verdict = "reached" | "progressing" | "refused";

/** Reads the verdict off a pass and the status that it led to. */
export function verdictOf({ step, failure }: Pass, status: VirtualMachineStatus): Verdict {
  if (status.conditions.some(({ type, status: truth }) => type === "Ready" && truth === "True"))
    return "reached";
  if (failure !== undefined) return failure.passing ? "progressing" : "refused";
  switch (step.kind) {
    case "blocked":
      return step.obstacles.some(({ final }) => final) ? "refused" : "progressing";
    case "none":
    case "reconfigure-needed":
      return "refused";
    case "retain":
      return "reached";
    case "wait":
    case "create":
    case "power":
    case "delete":
      return "progressing";
  }
}
