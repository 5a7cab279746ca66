import type {
  OptionValue,
  VirtualDeviceConfigSpec,
  VirtualMachineConfigInfo,
  VirtualMachineConfigSpec,
} from "../vim/types.ts";
import { optionMap } from "./ownership.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What vCenter may keep elsewhere than in extraConfig, so that its absence there says nothing. */
const mayBeElsewhere = (key: string): boolean =>
  !key.startsWith("virtrigaud.") && !key.startsWith("guestinfo.");

/**
 * The reconfiguration that brings a stored configuration to the wanted one; undefined when nothing differs. Cloning loses fields on some servers
 * (CloneVM's `config` is honoured by vCenter in part, by the simulator hardly), and only a read-back shows it.
 * `deviceChange` is what device mapping found missing.
 */
export function correction(
  wanted: VirtualMachineConfigSpec,
  stored: VirtualMachineConfigInfo,
  deviceChange: readonly VirtualDeviceConfigSpec[],
): VirtualMachineConfigSpec | undefined {
  const { extraConfig: options = [], ...fields } = wanted;
  const held = { ...stored, numCPUs: stored.hardware.numCPU, memoryMB: stored.hardware.memoryMB };
  const extraConfig = missingOptions(options, stored.extraConfig ?? []);
  const changes: VirtualMachineConfigSpec = {
    ...difference({ ...fields }, { ...held }),
    ...(extraConfig.length === 0 ? {} : { extraConfig }),
    ...(deviceChange.length === 0 ? {} : { deviceChange: [...deviceChange] }),
  };
  if (Object.keys(changes).length === 0) return undefined;
  // Refused with ConcurrentAccess when someone else was faster: a missing disk must not be added twice.
  return { changeVersion: stored.changeVersion, ...changes };
}

/** The part of `wanted` that `stored` does not hold, object by object; a field that `wanted` leaves out never counts. */
function difference(wanted: Fields, stored: Fields | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => {
      const present = stored?.[field];
      if (typeof value !== "object" || value === null) return value !== present;
      // A sub-object is sent whole: its fields belong together (shares need their level).
      return Object.keys(difference(value as Fields, present as Fields | undefined)).length > 0;
    }),
  );
}

/** An empty value removes the key, so a key that is not there holds it. */
function missingOptions(wanted: readonly OptionValue[], stored: readonly OptionValue[]): OptionValue[] {
  const held = optionMap(stored);
  return wanted.filter(({ key, value }) => {
    const present = held.get(key);
    return present === undefined ? value !== "" && !mayBeElsewhere(key) : present !== String(value);
  });
}
