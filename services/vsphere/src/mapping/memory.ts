import type { VMSpec } from "@virtrigaud/proto";
import type { Problems } from "./problems.ts";

const mib = 1024 * 1024;
const stepMib = 4;

/** vSphere takes memory in steps of 4 MiB only. */
export function checkMemory({ memoryBytes }: VMSpec, problems: Problems): void {
  if (memoryBytes % (stepMib * mib) === 0) return;
  const text = `vSphere takes memory in steps of ${stepMib} MiB; ${memoryBytes / mib} MiB is none`;
  problems.add("spec.memory_bytes", "MEMORY_STEP", text);
}
