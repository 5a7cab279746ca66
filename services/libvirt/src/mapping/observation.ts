import { CloudInit, Feature, PowerState, Tristate, View, VM, type VMSpec } from "@virtrigaud/proto";
import { appliedCapabilities } from "./applied.ts";
import { agentChannel } from "./consoles.ts";
import { restartReasons } from "./drift.ts";
import type { FoundDomain } from "./found-domain.ts";
import { foundSpec } from "./found-spec.ts";
import { guestInterfaces } from "./guest-interfaces.ts";
import type { HostFacts } from "./host-facts.ts";
import { knobValue } from "./knobs.ts";
import { type Marker, readMarker, requestedSpec } from "./metadata.ts";
import { nestedStatus } from "./nested-status.ts";
import { effectiveSpec } from "./plan.ts";
import { powerState } from "./power-state.ts";
import { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { usage } from "./usage.ts";
import { all, first, textOf } from "./xml.ts";

/** What a domain is looked at with. */
export interface Sight {
  host: HostFacts;
  settings: Settings;
}

/** Puts a domain into the contract's words. Its identity is libvirt's UUID. */
export function observe(found: FoundDomain, sight: Sight, view: View): VM {
  const { stored, live } = found;
  const marker = readMarker(stored);
  const reasons = restartReasons(stored, live);
  const vm = VM.fromPartial({
    id: textOf(stored, "uuid") ?? "",
    name: textOf(stored, "name") ?? "",
    powerState: powerState(found.state, found.hasManagedSave),
    host: sight.host.name,
    guestInterfaces: guestInterfaces(found.interfaces),
    guestAgent: guestAgent(found),
    nested: nestedStatus(found, marker, sight.host),
    restartRequired: reasons.length > 0,
    restartRequiredReasons: reasons,
  });
  if (marker !== undefined) {
    const { uid, specFingerprint, controllerId } = marker;
    vm.owner = { uid, specFingerprint, controllerId };
  }
  if (view !== View.FULL) return vm;
  const asked = requestedSpec(marker);
  vm.spec = foundSpec(found, asked, sight.settings);
  if (marker !== undefined && asked !== undefined)
    vm.appliedCapabilities = applied(asked, marker, found, sight);
  if (vm.powerState === PowerState.ON && found.stats.size > 0) vm.usage = usage(found.stats);
  return vm;
}

function applied(
  asked: VMSpec,
  { uid }: Marker,
  { stored, volumes }: FoundDomain,
  { host, settings }: Sight,
) {
  const { spec, implied } = effectiveSpec(asked, host, new Problems());
  // The marker leaves cloud_init out; that it was delivered shows in the domain itself.
  const cloudInit = knobValue(Feature.CLOUD_INIT, stored) === undefined ? undefined : CloudInit.create();
  return appliedCapabilities({ spec: { ...spec, cloudInit }, implied, uid, stored, host, settings, volumes });
}

/** libvirt tells by the channel whether the agent has opened it; a domain that is off has none to ask. */
function guestAgent({ live }: FoundDomain): Tristate {
  const channel = all(live, "devices", "channel", "target").find(
    ({ attributes }) => attributes.name === agentChannel,
  );
  switch (channel?.attributes.state) {
    case "connected":
      return Tristate.TRUE;
    case "disconnected":
      return Tristate.FALSE;
    default:
      return live !== undefined && first(live, "devices") !== undefined && channel === undefined
        ? Tristate.FALSE
        : Tristate.UNKNOWN;
  }
}
