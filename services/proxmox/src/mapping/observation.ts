import { tristate } from "@virtrigaud/kit/outcomes";
import { CloudInit, PowerState, type Tristate, View, VM, type VMSpec } from "@virtrigaud/proto";
import { appliedCapabilities } from "./applied.ts";
import { type FoundConfig, restartReasons } from "./found-config.ts";
import { seedVolume } from "./found-disks.ts";
import { foundSpec } from "./found-spec.ts";
import type { FoundVm } from "./found-vm.ts";
import type { Inventory } from "./inventory.ts";
import { decodeAgent } from "./language/agent.ts";
import { decodeMeta } from "./language/meta.ts";
import { nestedStatus } from "./nested-status.ts";
import { type Marker, readMarker, requestedSpec, uidOfRow } from "./ownership.ts";
import { effectiveSpec } from "./plan.ts";
import { powerState } from "./power-state.ts";
import type { Settings } from "./settings.ts";
import { optionOf } from "./vm-config.ts";

/** What VMs are looked at with. */
export interface Sight {
  inventory: Inventory;
  settings: Settings;
  /** Nothing runs behind this API, so nothing can be verified. */
  simulated: boolean;
}

/**
 * Puts a VM into the contract's words. Its identity is the VMID. A listing's row alone tells whose a VM says to be, how it is and what it uses;
 * what is stored takes its configuration.
 */
export function observe(found: FoundVm, sight: Sight, view: View): VM {
  const { config, vmid, power } = found;
  const node = sight.inventory.nodes.find(({ name }) => name === found.node);
  const marker = config && readMarker(config.next, vmid);
  const isOn = power.status === "running";
  const reasons = isOn && config !== undefined ? restartReasons(config) : [];
  const vm = VM.fromPartial({
    id: String(vmid),
    name: (config && optionOf(config.next, "name")) ?? found.name,
    powerState: powerState(power),
    host: found.node,
    guestInterfaces: found.interfaces,
    guestAgent: guestAgent(found, isOn),
    nested: nestedStatus(found, marker, { ...sight, node }),
    restartRequired: reasons.length > 0,
    restartRequiredReasons: reasons,
    createTime: config && createTime(config),
  });
  vm.owner = owner(found, marker);
  if (view !== View.FULL) return vm;
  if (vm.powerState === PowerState.ON) vm.usage = found.usage;
  if (config === undefined) return vm;
  const asked = requestedSpec(marker);
  const effective = asked && effectiveSpec(asked);
  const uid = marker?.uid ?? "";
  vm.spec = foundSpec(config.next, { asked: effective?.spec, uid, node, settings: sight.settings });
  if (effective !== undefined && marker !== undefined && node !== undefined)
    vm.appliedCapabilities = appliedCapabilities({
      spec: withCloudInit(effective.spec, config),
      implied: effective.implied,
      uid,
      stored: config.next,
      node,
      settings: sight.settings,
      ...(marker.image === undefined ? {} : { image: marker.image }),
    });
  return vm;
}

/** The marker leaves cloud_init out; that it was delivered shows in the configuration itself. */
const withCloudInit = (spec: VMSpec, { next }: FoundConfig): VMSpec => ({
  ...spec,
  cloudInit: seedVolume(next) === undefined ? undefined : CloudInit.create(),
});

/** By the marker; while the configuration was not read, by the tag, which has no more than the uid. */
function owner({ config, tags }: FoundVm, marker: Marker | undefined): VM["owner"] {
  if (marker !== undefined) {
    const { uid, specFingerprint, controllerId } = marker;
    return { uid, specFingerprint, controllerId };
  }
  const uid = config === undefined ? uidOfRow({ tags }) : undefined;
  return uid === undefined ? undefined : { uid, specFingerprint: "", controllerId: "" };
}

/** Whether an agent answered; one that a running VM has no device for cannot. */
function guestAgent({ agent, config }: FoundVm, isOn: boolean): Tristate {
  const option = config && decodeAgent(optionOf(config.current, "agent") ?? "0");
  return tristate(agent ?? (isOn && option?.enabled !== true && option !== undefined ? false : undefined));
}

function createTime({ next }: FoundConfig): Date | undefined {
  const { ctime } = decodeMeta(optionOf(next, "meta") ?? "");
  return ctime === undefined ? undefined : new Date(ctime * 1000);
}
