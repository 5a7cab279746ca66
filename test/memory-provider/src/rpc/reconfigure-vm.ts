import {
  ChangeEffect,
  EnsureState,
  type KnobChange,
  NestedPolicy,
  type ReconfigureVMRequest,
  type ReconfigureVMResponse,
  RestartPolicy,
  Tristate,
  View,
  type Violation,
  VMSpec,
} from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { invalid, refused } from "../fault.ts";
import { powerMachine, reconfigureMachine } from "../hypervisor/machine-tasks.ts";
import type { Machine } from "../hypervisor/machine.ts";
import type { Task } from "../hypervisor/tasks.ts";
import { changeEffect, describeChange } from "../mapping/change-effect.ts";
import { fingerprint } from "../mapping/fingerprint.ts";
import { policyOf } from "../mapping/implied.ts";
import { differences, knobKey } from "../mapping/knobs.ts";
import { observe } from "../mapping/observe.ts";
import { observeTask } from "../mapping/operation.ts";
import { type Plan, plan } from "../mapping/plan.ts";
import { specViolations } from "../mapping/validate.ts";
import { assertNameFree } from "./name-free.ts";
import { ownedMachine } from "./owned.ts";

/** ReconfigureVM: stores what differs, restarts as the policy allows, stamps the new fingerprint last. */
export function reconfigureVm(context: Context, request: ReconfigureVMRequest): ReconfigureVMResponse {
  const { hypervisor } = context;
  const { uid, spec = VMSpec.fromPartial({}), restartPolicy } = request;
  const machine = ownedMachine(context, uid);
  const { image } = machine.config;
  const whole = { ...spec, image };
  const violations = [...specViolations(request.spec && whole), ...shrunk(machine, spec)];
  if (violations.length > 0) throw invalid(violations);
  const planned = plan(context, whole);
  const refusals = [...planned.refusals, ...hostRefusal(context, machine, planned.config)];
  if (refusals.length > 0) throw refused(refusals);
  if (spec.name !== machine.name) assertNameFree(context, spec.name);

  const changes = knobChanges(machine, planned.config);
  const running = hypervisor.tasks.holding(machine.id);
  if (running) return inProgress(running, changes);
  if (spec.name !== machine.name || differences(machine.config, planned.config).length > 0) {
    return inProgress(reconfigureMachine(hypervisor, machine, planned.config), changes);
  }
  const waiting = changes.some(({ effect }) => effect === ChangeEffect.RESTART_REQUIRED);
  if (waiting && restartPolicy === RestartPolicy.IF_NEEDED) {
    return inProgress(powerMachine(hypervisor, machine, "cycle"), changes);
  }
  stamp(context, machine, spec, planned);
  const vm = observe(hypervisor, machine, View.FULL);
  return { state: EnsureState.COMPLETE, operation: undefined, vm, changes };
}

/** What differs from the stored configuration, and what is stored but does not run yet. */
function knobChanges({ config, running }: Machine, wanted: VMSpec): KnobChange[] {
  const due = new Set(differences(config, wanted).map(knobKey));
  return differences(running ?? config, wanted)
    .map((change) => ({
      feature: change.feature,
      subject: change.subject,
      effect: changeEffect(running, change),
      description: describeChange(change),
    }))
    .filter((change) => change.effect === ChangeEffect.RESTART_REQUIRED || due.has(knobKey(change)));
}

function shrunk({ config }: Machine, { disks }: VMSpec): Violation[] {
  const size = new Map(config.disks.map((disk) => [disk.name, disk.sizeBytes ?? 0]));
  return disks
    .filter(({ name, sizeBytes }) => sizeBytes !== undefined && sizeBytes < (size.get(name) ?? 0))
    .map(({ name }) => ({
      field: `spec.disks[${name}].size_bytes`,
      reason: "DISK_SHRINK",
      description: `disks never shrink; it has ${size.get(name)} bytes`,
    }));
}

/** The plan looks at all hosts; an existing machine stays on its own. */
function hostRefusal({ hypervisor }: Context, machine: Machine, config: VMSpec): Violation[] {
  const host = hypervisor.hosts.find(({ name }) => name === machine.host);
  const asked =
    policyOf(config) === NestedPolicy.REQUIRED && policyOf(machine.config) !== NestedPolicy.REQUIRED;
  if (!asked || host?.nested !== Tristate.FALSE) return [];
  const field = "spec.nested_virtualization.policy";
  return [{ field, reason: "NESTED_UNSUPPORTED", description: `its host cannot give it; ${host.remedy}` }];
}

function stamp(context: Context, machine: Machine, spec: VMSpec, { applied }: Plan): void {
  const specFingerprint = fingerprint(spec);
  const { marker } = machine;
  if (!marker || marker.owner.specFingerprint === specFingerprint) return;
  context.hypervisor.inventory.mark(machine, {
    ...marker,
    owner: { ...marker.owner, specFingerprint },
    nestedRequested: policyOf(spec) === NestedPolicy.REQUIRED,
    outcomes: applied,
  });
}

function inProgress(task: Task, changes: KnobChange[]): ReconfigureVMResponse {
  return { state: EnsureState.IN_PROGRESS, operation: observeTask(task), vm: undefined, changes };
}
