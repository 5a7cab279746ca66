import { status } from "@grpc/grpc-js";
import {
  type CreateVMRequest,
  type CreateVMResponse,
  Disk,
  EnsureState,
  NestedPolicy,
  View,
  VMSpec,
} from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault, invalid, refused } from "../fault.ts";
import { createMachine, reconfigureMachine } from "../hypervisor/machine-tasks.ts";
import { importImage } from "../hypervisor/image-tasks.ts";
import type { Machine, Marker } from "../hypervisor/machine.ts";
import type { Task } from "../hypervisor/tasks.ts";
import { fingerprint } from "../mapping/fingerprint.ts";
import { imageSource } from "../mapping/image-source.ts";
import { policyOf } from "../mapping/implied.ts";
import { differences } from "../mapping/knobs.ts";
import { observe } from "../mapping/observe.ts";
import { observeTask } from "../mapping/operation.ts";
import { type Plan, plan } from "../mapping/plan.ts";
import { check, specViolations, uidViolations } from "../mapping/validate.ts";
import { assertNameFree } from "./name-free.ts";

/** CreateVM: looks at what the hypervisor holds for the uid and starts the one task that is due, if any. */
export function createVm(context: Context, request: CreateVMRequest): CreateVMResponse {
  const { uid, spec = VMSpec.fromPartial({}), controllerId } = request;
  const violations = [
    ...uidViolations(uid),
    ...specViolations(request.spec),
    ...check([["controller_id", controllerId.length <= 128, "must have at most 128 characters"]]),
  ];
  if (violations.length > 0) throw invalid(violations);
  const specFingerprint = fingerprint(spec);
  const existing = context.hypervisor.inventory.owned(uid);
  if (existing) return resume(context, existing, spec, specFingerprint);

  const planned = plan(context, spec);
  if (planned.refusals.length > 0) throw refused(planned.refusals);
  assertNameFree(context, spec.name);
  const marker: Marker = {
    owner: { uid, specFingerprint, controllerId },
    made: true,
    nestedRequested: policyOf(spec) === NestedPolicy.REQUIRED,
    outcomes: planned.applied,
  };
  return inProgress(make(context, spec, planned, marker));
}

function resume(context: Context, machine: Machine, spec: VMSpec, specFingerprint: string): CreateVMResponse {
  const { hypervisor } = context;
  if (machine.marker?.owner.specFingerprint !== specFingerprint) {
    const message = `${machine.name} has this uid and another spec; use ReconfigureVM`;
    throw new Fault(status.ALREADY_EXISTS, "SPEC_MISMATCH", message, { metadata: { id: machine.id } });
  }
  const running = hypervisor.tasks.holding(machine.id);
  if (running) return inProgress(running);
  const { config } = plan(context, spec);
  if (machine.power === "off" && differences(machine.config, config).length > 0) {
    return inProgress(reconfigureMachine(hypervisor, machine, config));
  }
  return {
    state: EnsureState.COMPLETE,
    operation: undefined,
    vm: observe(hypervisor, machine, View.FULL),
  };
}

/** The first step: import of the image, clone of the template, or a blank machine. */
function make({ hypervisor }: Context, spec: VMSpec, { config, host }: Plan, marker: Marker): Task {
  const source = spec.image && imageSource(hypervisor, spec.image);
  if (source?.kind === "url" && !hypervisor.images.has(source.image.url)) {
    return importImage(hypervisor, source.image);
  }
  if (source?.kind !== "template" || !source.template) {
    return createMachine(hypervisor, { config, host, marker });
  }
  const { cpus, memoryBytes, diskBytes, firmware } = source.template;
  const disks = [Disk.fromPartial({ name: config.disks[0]?.name ?? "root", sizeBytes: diskBytes })];
  const { name, image, cloudInit } = config;
  const clone = VMSpec.fromPartial({ name, cpus, memoryBytes, firmware, disks });
  return createMachine(
    hypervisor,
    { config: { ...clone, image, cloudInit }, host, marker },
    `clone template ${source.name}`,
  );
}

function inProgress(task: Task): CreateVMResponse {
  return { state: EnsureState.IN_PROGRESS, operation: observeTask(task), vm: undefined };
}
