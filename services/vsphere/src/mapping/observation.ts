import {
  CloudInit,
  Feature,
  type GuestInterface,
  PowerState,
  View,
  VM,
  type VMSpec,
} from "@virtrigaud/proto";
import type { GuestInfo, VirtualMachineConfigInfo, VirtualMachineRuntimeInfo } from "../vim/types.ts";
import { appliedCapabilities } from "./applied.ts";
import { computeConfig } from "./compute.ts";
import { effectiveSpec } from "./effective-spec.ts";
import { firmwareConfig } from "./firmware.ts";
import { foundSpec } from "./found-spec.ts";
import type { FoundVm } from "./found-vm.ts";
import type { Host, Inventory } from "./inventory.ts";
import { asStored, knobValue } from "./knobs.ts";
import { nestedStatus } from "./nested-status.ts";
import { requestedSpec } from "./ownership.ts";
import type { Settings } from "./settings.ts";
import { annotationConfig } from "./tags.ts";
import { tristate } from "@virtrigaud/kit/outcomes";

/** What a VM is looked at with. */
export interface Sight {
  inventory: Inventory;
  settings: Settings;
  /** Nothing runs behind this vCenter, so nothing can be verified. */
  simulated: boolean;
}

/** Puts a VM into the contract's words. */
export function observe(found: FoundVm, sight: Sight, view: View): VM {
  const { inventory, simulated } = sight;
  const { marker, runtime, config, createDate } = found;
  const host = inventory.hosts.find(({ id }) => id === runtime.host?.value);
  const vm = VM.fromPartial({
    id: found.ref.value,
    name: found.name,
    powerState: powerState(runtime),
    host: host?.name ?? "",
    guestInterfaces: guestInterfaces(found.nics),
    guestAgent: tristate(found.toolsRunning),
    nested: nestedStatus(found, host, simulated),
    createTime: createDate === undefined ? undefined : new Date(createDate),
  });
  if (marker !== undefined) {
    const { uid, specFingerprint, controllerId } = marker;
    vm.owner = { uid, specFingerprint, controllerId };
  }
  if (view !== View.FULL || config === undefined) return vm;
  const asked = requestedSpec(marker);
  vm.spec = foundSpec(found.name, config, asked, inventory);
  if (asked !== undefined) vm.appliedCapabilities = applied(asked, config, host, sight);
  return vm;
}

function applied(
  asked: VMSpec,
  config: VirtualMachineConfigInfo,
  host: Host | undefined,
  { settings }: Sight,
) {
  const { spec, implied } = effectiveSpec(asked, host);
  // The marker leaves cloud_init out; that it was delivered shows in the configuration itself.
  const cloudInit = knobValue(Feature.CLOUD_INIT, config) === undefined ? undefined : CloudInit.create();
  return appliedCapabilities({
    spec: { ...spec, cloudInit },
    implied,
    stored: config,
    wanted: asStored({ ...annotationConfig(spec), ...computeConfig(spec), ...firmwareConfig(spec) }),
    host: host?.name ?? "",
    settings,
  });
}

const powerStates = {
  poweredOn: PowerState.ON,
  poweredOff: PowerState.OFF,
  suspended: PowerState.SUSPENDED,
} as const;

function powerState(runtime: VirtualMachineRuntimeInfo): PowerState {
  if (runtime.connectionState !== "connected") return PowerState.UNKNOWN;
  // A pending question stops the VM until someone answers it.
  if (runtime.question !== undefined && runtime.powerState === "poweredOn") return PowerState.PAUSED;
  return powerStates[runtime.powerState];
}

function guestInterfaces(nics: NonNullable<GuestInfo["net"]>): GuestInterface[] {
  return nics.map(({ macAddress, ipAddress = [] }) => ({
    name: "",
    macAddress: macAddress?.toLowerCase() ?? "",
    ipAddresses: [...ipAddress].sort((a, b) => Number(a.includes(":")) - Number(b.includes(":"))),
  }));
}
