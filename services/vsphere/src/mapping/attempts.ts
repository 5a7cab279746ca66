import type { OptionValue, VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../vim/types.ts";
import { optionMap } from "./ownership.ts";
import type { Problems } from "./problems.ts";

const key = "virtrigaud.corrections";
const most = 2;

/**
 * A correction with a note of how often this very one was made. The note is on the VM because the daemon remembers nothing; without it a setting
 * that vCenter takes and does not keep would be corrected for ever. After two attempts it is a violation instead.
 */
export function countAttempt(
  change: VirtualMachineConfigSpec,
  stored: VirtualMachineConfigInfo,
  problems: Problems,
): VirtualMachineConfigSpec | undefined {
  const what = summary(change);
  const [, count = "0", last = ""] =
    /^(\d+) (.*)$/.exec(optionMap(stored.extraConfig ?? []).get(key) ?? "") ?? [];
  const attempt = last === what ? Number(count) + 1 : 1;
  if (attempt > most) {
    return problems.add(
      "spec",
      "CONFIGURATION_NOT_KEPT",
      `vCenter took ${what} ${most} times and did not keep it; leave the knob out, or find who changes it back and remove the extraConfig key ${key}`,
    );
  }
  const note: OptionValue = { key, value: `${attempt} ${what}` };
  return { ...change, extraConfig: [...(change.extraConfig ?? []), note] };
}

/** Which fields a correction sets, without their values. */
function summary({
  changeVersion,
  extraConfig = [],
  deviceChange = [],
  ...fields
}: VirtualMachineConfigSpec) {
  const devices = deviceChange.map(({ operation, device }) => `${operation} ${device.$type}`);
  const options = extraConfig.map((option) => `extraConfig[${option.key}]`);
  return [...Object.keys(fields), ...options, ...devices].sort().join(", ");
}
