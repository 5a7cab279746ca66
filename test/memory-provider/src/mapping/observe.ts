import {
  type AppliedCapability,
  type GuestInterface,
  PowerState,
  Tristate,
  type Usage,
  View,
  VM,
  type WatchVMsResponse,
} from "@virtrigaud/proto";
import type { Hypervisor } from "../hypervisor/hypervisor.ts";
import type { Machine } from "../hypervisor/machine.ts";
import { restartReasons } from "./change-effect.ts";
import { knobKey, knobs } from "./knobs.ts";
import { nestedStatus } from "./nested-status.ts";

const powerState = { on: PowerState.ON, off: PowerState.OFF, suspended: PowerState.SUSPENDED };

/** A machine in the contract's terms, as it is now. */
export function observe(hypervisor: Hypervisor, machine: Machine, view: View): VM {
  const reasons = restartReasons(machine);
  const basic = VM.fromPartial({
    id: machine.id,
    name: machine.name,
    powerState: powerState[machine.power],
    host: machine.host,
    guestInterfaces: guestInterfaces(machine),
    guestAgent: hasAgent(machine) ? Tristate.TRUE : Tristate.FALSE,
    nested: nestedStatus(hypervisor, machine),
    restartRequired: reasons.length > 0,
    restartRequiredReasons: reasons,
    createTime: machine.createTime,
    ...(machine.marker && { owner: machine.marker.owner }),
  });
  if (view !== View.FULL) return basic;
  return {
    ...basic,
    spec: { ...machine.config, name: machine.name, cloudInit: undefined },
    appliedCapabilities: appliedCapabilities(machine),
    usage: usage(machine),
  };
}

/** What DELETED tells of a machine that is gone. */
export function observeGone(id: string, name: string, owner: VM["owner"]): WatchVMsResponse["vm"] {
  return VM.fromPartial({ id, name, ...(owner && { owner }) });
}

/** Whether an agent in the guest answers: where an operating system was installed and runs. */
export function hasAgent(machine: Machine): boolean {
  return machine.power === "on" && machine.running?.image !== undefined;
}

function appliedCapabilities(machine: Machine): AppliedCapability[] {
  if (!machine.marker) return [];
  const stored = new Map(knobs(machine.config).map((knob) => [knobKey(knob), knob]));
  return machine.marker.outcomes.map((outcome) => {
    const knob = stored.get(knobKey(outcome));
    return { ...outcome, mechanism: `config.${knob?.field ?? ""}`, observedValue: knob?.value ?? "" };
  });
}

function guestInterfaces(machine: Machine): GuestInterface[] {
  if (!hasAgent(machine)) return [];
  // Machines are told apart by their place in the inventory, and so are their addresses.
  const [high, low] = [(machine.sequence >> 8) & 255, machine.sequence & 255];
  const hex = (byte: number) => byte.toString(16).padStart(2, "0");
  return machine.config.networkInterfaces.map(({ macAddress }, index) => ({
    name: `eth${index}`,
    macAddress: (macAddress || `52:54:00:${hex(high)}:${hex(low)}:${hex(index)}`).toLowerCase(),
    ipAddresses: [`10.${index}.${high}.${low}`],
  }));
}

/** Counters that a steadily idling guest would show. */
function usage({ power, poweredOnAt, config }: Machine): Usage | undefined {
  if (power !== "on" || !poweredOnAt) return undefined;
  const seconds = (Date.now() - poweredOnAt.getTime()) / 1000;
  const bytes = Math.floor(seconds * 1024);
  return {
    cpuSeconds: seconds * config.cpus * 0.01,
    memoryBytes: Math.floor(config.memoryBytes / 4),
    diskReadBytes: bytes,
    diskWriteBytes: bytes,
    networkReceiveBytes: bytes,
    networkTransmitBytes: bytes,
  };
}
