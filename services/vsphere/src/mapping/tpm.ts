import type { VMSpec } from "@virtrigaud/proto";
import type { VirtualDevice, VirtualDeviceConfigSpec } from "../vim/types.ts";
import type { Inventory } from "./inventory.ts";
import type { Problems } from "./problems.ts";

export const isTpm = (device: VirtualDevice): boolean => device.$type === "VirtualTPM";

/** Adds the virtual TPM where it is asked for and missing. Its state is encrypted, so vCenter needs a key provider. */
export function tpmChanges(
  spec: VMSpec,
  existing: readonly VirtualDevice[],
  inventory: Inventory,
  problems: Problems,
): VirtualDeviceConfigSpec[] {
  if (spec.tpm === undefined || existing.some(isTpm)) return [];
  if (inventory.hasKeyProvider === false) {
    problems.add(
      "spec.tpm",
      "KEY_PROVIDER_MISSING",
      "a virtual TPM needs a key provider and this vCenter has none; add one under vCenter > Configure > Key Providers (a Native Key Provider will do, vCenter 7.0U2 and later)",
    );
  }
  return [{ operation: "add", device: { $type: "VirtualTPM", key: -400 } }];
}
