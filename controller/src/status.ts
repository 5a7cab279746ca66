import { PowerState, type VM } from "@virtrigaud/proto";
import { type Answer, answer, withTransitionTimes } from "./conditions/condition.ts";
import { liveMigratable, nestedCondition, nestedReport } from "./conditions/nested.ts";
import { provisioned } from "./conditions/provisioned.ts";
import { ready } from "./conditions/ready.ts";
import { restartRequired } from "./conditions/restart-required.ts";
import type { Pass } from "./pass.ts";
import type { ConditionType, Phase, VirtualMachineStatus } from "./status-types.ts";

const POWER_STATES: Partial<Record<PowerState, NonNullable<VirtualMachineStatus["powerState"]>>> = {
  [PowerState.ON]: "On",
  [PowerState.OFF]: "Off",
  [PowerState.SUSPENDED]: "Suspended",
  [PowerState.PAUSED]: "Paused",
};

/** Conditions that rest on the VM as read: what is not read again stays as it was answered. */
const READ_FROM_VM: ReadonlySet<ConditionType> = new Set([
  "Provisioned",
  "NestedVirtualization",
  "LiveMigratable",
  "RestartRequired",
]);

/**
 * The status after a pass. What the pass could not read of a complete VM is kept from the earlier status, so that an
 * unreachable provider never makes a VM look as if it were gone.
 * @param now RFC 3339, for conditions whose status changed
 */
export function nextStatus(
  pass: Pass,
  earlier: VirtualMachineStatus | undefined,
  now: string,
): VirtualMachineStatus {
  const { observed, pending, completed } = pass;
  const unread = observed === undefined && completed !== undefined;
  return {
    phase: phase(pass, earlier),
    ...(unread && earlier !== undefined
      ? readBefore(earlier)
      : { ...read(observed), nestedVirtualization: nestedReport(pass) }),
    ...(pending === undefined ? {} : { lastTaskRef: pending }),
    ...(completed === undefined ? {} : { specDigest: completed }),
    conditions: withTransitionTimes(
      answers(pass, unread ? earlier : undefined),
      earlier?.conditions ?? [],
      now,
    ),
  };
}

function phase(
  { step, failure, observed, completed }: Pass,
  earlier: VirtualMachineStatus | undefined,
): Phase {
  if (step.kind === "delete") return "Deleting";
  if (step.kind === "reconfigure" && failure === undefined) return "Reconfiguring";
  if (observed !== undefined) return observed.powerState === PowerState.ON ? "Running" : "Stopped";
  if (completed !== undefined) return earlier?.phase ?? "Pending";
  if (failure !== undefined && !failure.passing) return "Failed";
  return step.kind === "blocked" ? "Pending" : "Provisioning";
}

function answers(pass: Pass, before: VirtualMachineStatus | undefined): Answer[] {
  const { provider, observed } = pass;
  const fresh = [
    ready(pass),
    provisioned(pass),
    answer("ProviderAvailable", provider.status, provider.reason, provider.message),
    nestedCondition(pass),
    ...(observed === undefined ? [] : [liveMigratable(observed), restartRequired(observed)]),
  ];
  if (before === undefined || pass.step.kind === "delete") return fresh;
  const kept = before.conditions.filter(({ type }) => READ_FROM_VM.has(type));
  return [...fresh.filter(({ type }) => !READ_FROM_VM.has(type)), ...kept];
}

type ReadFields = Pick<
  VirtualMachineStatus,
  "id" | "powerState" | "ips" | "provider" | "currentResources" | "nestedVirtualization"
>;

function readBefore({
  id,
  powerState,
  ips,
  provider,
  currentResources,
  nestedVirtualization,
}: VirtualMachineStatus): ReadFields {
  const fields = { id, powerState, ips, provider, currentResources, nestedVirtualization };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function read(vm: VM | undefined): ReadFields {
  if (vm === undefined) return {};
  const ips = vm.guestInterfaces.flatMap(({ ipAddresses }) => ipAddresses);
  return {
    id: vm.id,
    powerState: POWER_STATES[vm.powerState] ?? "Unknown",
    ...(ips.length === 0 ? {} : { ips }),
    ...(vm.host === "" ? {} : { provider: { host: vm.host } }),
    ...(vm.spec === undefined
      ? {}
      : { currentResources: { cpu: vm.spec.cpus, memoryMiB: vm.spec.memoryBytes / 2 ** 20 } }),
  };
}
