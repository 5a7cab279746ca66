import { conflicts, refusals, withImplied } from "@virtrigaud/kit/outcomes";
import type { Advice, AppliedCapability, VMSpec, Violation } from "@virtrigaud/proto";
import type {
  AboutInfo,
  VirtualDeviceConfigSpec,
  VirtualMachineCloneSpec,
  VirtualMachineConfigSpec,
} from "../vim/types.ts";
import { nestedAdvice } from "./advice.ts";
import { appliedCapabilities } from "./applied.ts";
import { cloneSpec, relocated } from "./clone-spec.ts";
import type { Encode } from "./cloud-init.ts";
import { diskChanges } from "./disks.ts";
import { checkExtraConfig } from "./extra-config.ts";
import { stampImage } from "./image-stamp.ts";
import type { Inventory } from "./inventory.ts";
import { asStored } from "./knobs.ts";
import { checkMemory } from "./memory.ts";
import { nicChanges } from "./nics.ts";
import type { Marker } from "./ownership.ts";
import { choosePlacement, type Placement } from "./placement.ts";
import { Problems } from "./problems.ts";
import { withRefused } from "./refused.ts";
import { withFullReservations } from "./reservations.ts";
import type { Settings } from "./settings.ts";
import { chooseStorage, type VmStorage } from "./storage.ts";
import { chooseTemplate, datacentersOf, type Template } from "./template.ts";
import { tpmChanges } from "./tpm.ts";
import { checkApiVersion } from "./versions.ts";
import { vmConfig } from "./vm-config.ts";

/** Everything that decides how a VM is made. */
export interface PlanInput {
  marker: Marker;
  spec: VMSpec;
  about: AboutInfo;
  inventory: Inventory;
  settings: Settings;
  /** Every template of the image's name; empty for a blank VM and where there is none. */
  templates: readonly Template[];
  encode: Encode;
}

/** How a VM will be made: the whole configuration and the call that carries it. */
export interface Plan {
  config: VirtualMachineConfigSpec;
  placement: Placement;
  /** Set when the VM is cloned from a template; its `config` is the one above, without what can only follow. */
  clone?: { template: Template; spec: VirtualMachineCloneSpec };
}

export interface Planned {
  /** Undefined when a violation leaves nothing to send. */
  plan: Plan | undefined;
  /** The configuration as far as it could be made. */
  config: VirtualMachineConfigSpec;
  /** Why CreateVM fails. Empty: it will be accepted as far as can be told beforehand. */
  violations: Violation[];
  applied: AppliedCapability[];
  advice: Advice[];
}

/** Works out the native configuration of a new VM, or every reason why there is none. */
export function planVm(input: PlanInput): Planned {
  const problems = new Problems();
  const { marker, inventory, settings, templates } = input;
  const { spec: effective, implied } = withImplied(input.spec);
  problems.violations.push(...conflicts(effective), ...refusals(effective, "vsphere"));
  checkApiVersion(effective, input.about.apiVersion, problems);
  checkExtraConfig(effective, problems);
  checkMemory(effective, problems);

  const scope = { inventory, settings, templateDatacenters: datacentersOf(templates, inventory) };
  const placement = choosePlacement(effective, scope, problems);
  const template = chooseTemplate(effective, templates, placement, inventory, problems);
  const storage = placement && chooseStorage(effective, placement, inventory, settings, problems);
  const { spec, implied: reserved } = withFullReservations(effective, placement?.candidates[0], problems);

  const config = vmConfig(spec, marker, input.encode, problems);
  let plan: Plan | undefined;
  if (placement !== undefined && storage !== undefined) {
    complete(config, { input, spec, placement, storage, template }, problems);
    plan = planOf(config, spec, placement, storage, template);
  }
  const stored = asStored(config, template?.config.hardware.device);
  if (storage !== undefined) stored.hardware.device = relocated(stored.hardware.device ?? [], spec, storage);
  const applied = appliedCapabilities({
    spec,
    implied: [...implied, ...reserved],
    stored,
    host: placement?.host?.name ?? "",
    settings,
  });
  const { violations } = problems;
  return {
    plan,
    config,
    violations,
    applied: withRefused(applied, violations),
    advice: nestedAdvice(effective),
  };
}

interface Choices {
  input: PlanInput;
  spec: VMSpec;
  placement: Placement;
  storage: VmStorage;
  template: Template | undefined;
}

/** Adds what depends on the place: devices, and what only a new VM is told. */
function complete(config: VirtualMachineConfigSpec, choices: Choices, problems: Problems): void {
  const { input, spec, placement, storage, template } = choices;
  const { inventory, settings } = input;
  const existing = template?.config.hardware.device ?? [];
  const deviceChange: VirtualDeviceConfigSpec[] = [
    ...diskChanges(spec.disks, existing, storage.disks, problems),
    ...nicChanges(
      spec.networkInterfaces,
      existing,
      { inventory, settings, placement, removeOthers: true },
      problems,
    ),
    ...tpmChanges(spec, existing, inventory, problems),
  ];
  if (deviceChange.length > 0) config.deviceChange = deviceChange;
  if (template !== undefined) config.extraConfig?.push(stampImage(template));
  if (spec.image !== undefined) return;
  config.guestId = guestId(spec);
  config.files = { vmPathName: `[${storage.home.name}]` };
}

function planOf(
  config: VirtualMachineConfigSpec,
  spec: VMSpec,
  placement: Placement,
  storage: VmStorage,
  template: Template | undefined,
): Plan | undefined {
  if (spec.image === undefined) return { config, placement };
  if (template === undefined) return undefined;
  const clone = { template, spec: cloneSpec(template, spec, config, placement, storage) };
  return { config, placement, clone };
}

/** A blank VM has no guest system yet; VBS is a Windows feature, and this the oldest Windows that vSphere gives it to. */
const guestId = (spec: VMSpec): string =>
  spec.virtualizationBasedSecurity ? "windows9Server64Guest" : "otherLinux64Guest";
