import type { VMSpec, Violation } from "@virtrigaud/proto";
import type {
  VirtualDeviceConfigSpec,
  VirtualMachineConfigInfo,
  VirtualMachineConfigSpec,
} from "../vim/types.ts";
import { countAttempt } from "./attempts.ts";
import type { Encode } from "./cloud-init.ts";
import { diskChanges } from "./disks.ts";
import { correction } from "./drift.ts";
import { effectiveSpec } from "./effective-spec.ts";
import type { Host, Inventory } from "./inventory.ts";
import { nicChanges, nicsOf } from "./nics.ts";
import type { Marker } from "./ownership.ts";
import type { Placement } from "./placement.ts";
import { Problems } from "./problems.ts";
import { disksOf } from "./scsi-slots.ts";
import type { Settings } from "./settings.ts";
import { chooseStorage } from "./storage.ts";
import { isTpm, tpmChanges } from "./tpm.ts";
import { vmConfig } from "./vm-config.ts";

/** A VM that exists and is off, and what it should be. */
export interface ExistingInput {
  marker: Marker;
  spec: VMSpec;
  inventory: Inventory;
  settings: Settings;
  encode: Encode;
  stored: VirtualMachineConfigInfo;
  /** The host that it is on. */
  host: Host | undefined;
}

export interface Correction {
  /** The reconfiguration that the VM needs; undefined when it is as asked. */
  change: VirtualMachineConfigSpec | undefined;
  /** Why the VM cannot become as asked. */
  violations: Violation[];
}

/** What an existing VM lacks of what was asked. */
export function correctExisting(input: ExistingInput): Correction {
  const { stored, marker, encode } = input;
  const { spec } = effectiveSpec(input.spec, input.host);
  const problems = new Problems();
  const devices = deviceCorrections({ ...input, spec }, problems);
  const wanted = vmConfig(spec, marker, encode, problems);
  const change = correction(wanted, stored, devices);
  const lacking = lackingDevices(spec, stored);
  const violations = problems.violations.filter(({ field }) => isAbout(lacking, field));
  if (change === undefined || violations.length > 0) return { change: undefined, violations };
  const attempts = new Problems();
  return { change: countAttempt(change, stored, attempts), violations: attempts.violations };
}

/** Without a datastore no disk can be added. */
const isAbout = (lacking: readonly string[], field: string): boolean =>
  lacking.some(
    (path) =>
      field === path ||
      field.startsWith(`${path}.`) ||
      (field === "spec.placement.datastore" && path.startsWith("spec.disks")),
  );

function deviceCorrections(input: ExistingInput, problems: Problems): VirtualDeviceConfigSpec[] {
  const { spec, stored, inventory, settings } = input;
  const placement = placementOf(input.host, inventory);
  if (placement === undefined) {
    for (const path of lackingDevices(spec, stored))
      problems.add(path, "HOST_UNKNOWN", "vCenter does not tell which host the VM is on; call again");
    return [];
  }
  const existing = stored.hardware.device ?? [];
  const storage = chooseStorage(spec, placement, inventory, settings, problems);
  return [
    ...diskChanges(spec.disks, existing, storage?.disks ?? new Map(), problems),
    ...nicChanges(
      spec.networkInterfaces,
      existing,
      { inventory, settings, placement, removeOthers: false },
      problems,
    ),
    ...tpmChanges(spec, existing, inventory, problems),
  ];
}

/**
 * Fields of the devices that the VM does not have. Only what keeps them from being added is a reason to fail: that a name no longer leads
 * anywhere (a port group was renamed) does not matter to a device that is there.
 */
function lackingDevices(spec: VMSpec, { hardware }: VirtualMachineConfigInfo): string[] {
  const devices = hardware.device ?? [];
  const disks = spec.disks.slice(disksOf(devices).length);
  const nics = spec.networkInterfaces.slice(nicsOf(devices).length);
  return [
    ...disks.map(({ name }) => `spec.disks[${name}]`),
    ...nics.map(({ name }) => `spec.network_interfaces[${name}]`),
    ...(spec.tpm !== undefined && !devices.some(isTpm) ? ["spec.tpm"] : []),
  ];
}

function placementOf(host: Host | undefined, inventory: Inventory): Placement | undefined {
  const datacenter = inventory.datacenters.find(({ id }) => id === host?.datacenter);
  if (host === undefined || datacenter === undefined) return undefined;
  const folder = { existing: datacenter.vmFolder, missing: [] };
  return { datacenter, folder, pool: "", candidates: [host], host };
}
