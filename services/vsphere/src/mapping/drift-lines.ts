import { rowsAskedBy, withImplied } from "@virtrigaud/kit/outcomes";
import type { VMSpec } from "@virtrigaud/proto";
import type { VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../vim/types.ts";
import { asStored, knobValue } from "./knobs.ts";

/** How a stored configuration differs from the planned one, a line for each knob that the spec asks for or implies. */
export function driftLines(
  asked: VMSpec,
  planned: VirtualMachineConfigSpec,
  stored: VirtualMachineConfigInfo,
): string[] {
  const wanted = asStored(planned, stored.hardware.device);
  return rowsAskedBy(withImplied(asked).spec).flatMap(({ feature, manifest }) => {
    const [want, have] = [knobValue(feature, wanted), knobValue(feature, stored)];
    return want === undefined || want === have ? [] : [`${manifest}: ${have ?? "unset"} → ${want}`];
  });
}
