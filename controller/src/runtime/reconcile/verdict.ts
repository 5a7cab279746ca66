import type { Pass } from "../../pass.ts";
import type { VirtualMachineStatus } from "../../status-types.ts";

/**
 * How a VM stands to its goal: there; there, while nesting is still being proven inside it; on the way, maybe waiting; or stuck until
 * somebody changes something.
 */
export type Verdict = "reached" | "proving" | "progressing" | "refused";

/** Reads the verdict off a pass and the status that it led to. */
export function verdictOf({ step, failure, proving }: Pass, status: VirtualMachineStatus): Verdict {
  if (status.conditions.some(({ type, status: truth }) => type === "Ready" && truth === "True"))
    return proving ? "proving" : "reached";
  if (failure !== undefined) return failure.passing ? "progressing" : "refused";
  switch (step.kind) {
    case "blocked":
      return step.obstacles.some(({ final }) => final) ? "refused" : "progressing";
    case "none":
    case "reconfigure-needed":
      return "refused";
    case "retain":
      return "reached";
    case "verify":
      return "proving";
    case "wait":
    case "prepare-image":
    case "reconfigure":
    case "create":
    case "power":
    case "delete":
      return "progressing";
  }
}
