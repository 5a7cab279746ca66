import type { VMSpec } from "@virtrigaud/proto";
import type { VirtualMachineConfigSpec } from "../vim/types.ts";

/** Tags as the VM's notes: vSphere's own tags live outside the vim25 API. */
export const annotationConfig = ({ tags }: VMSpec): VirtualMachineConfigSpec =>
  tags.length === 0 ? {} : { annotation: `tags: ${[...tags].sort().join(", ")}` };
