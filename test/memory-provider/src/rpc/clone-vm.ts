import { status } from "@grpc/grpc-js";
import {
  CloneMode,
  CloneVMRequest,
  type CloneVMResponse,
  EnsureState,
  Outcome,
  View,
  type VMSpec,
} from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault, invalid } from "../fault.ts";
import { createMachine } from "../hypervisor/machine-tasks.ts";
import type { Machine, Marker } from "../hypervisor/machine.ts";
import type { Task } from "../hypervisor/tasks.ts";
import { fingerprint } from "../mapping/fingerprint.ts";
import { knobs } from "../mapping/knobs.ts";
import { observe } from "../mapping/observe.ts";
import { observeTask } from "../mapping/operation.ts";
import { check, uidViolations } from "../mapping/validate.ts";
import { referenced } from "./get-vm.ts";
import { assertNameFree } from "./name-free.ts";
import { snapshotOf } from "./snapshot-of.ts";

/** CloneVM: resumable like CreateVM; the clone is found by its uid first, so that the source may be gone by then. */
export function cloneVm(context: Context, request: CloneVMRequest): CloneVMResponse {
  const { hypervisor } = context;
  const { uid, name, mode } = request;
  const nameRule = check([["name", name.length >= 1 && name.length <= 80, "must have 1 to 80 characters"]]);
  const violations = [...uidViolations(uid), ...nameRule];
  if (violations.length > 0) throw invalid(violations);
  const existing = hypervisor.inventory.owned(uid);
  if (existing) return resume(context, existing, request);

  const source = referenced(context, request.source, "source");
  const from = request.snapshotId ? snapshotOf(source, request.snapshotId).config : source.config;
  assertNameFree(context, name);
  const config: VMSpec = {
    ...from,
    name,
    placement: request.placement ?? from.placement,
    cloudInit: request.cloudInit,
  };
  const linked = mode === CloneMode.LINKED && { linkedTo: source.id };
  const marker = cloneMarker(request, source, config);
  const task = createMachine(hypervisor, { config, host: source.host, marker, ...linked }, "clone VM");
  return inProgress(task);
}

function resume(context: Context, machine: Machine, request: CloneVMRequest): CloneVMResponse {
  const { hypervisor } = context;
  if (machine.marker?.cloneRequest !== requestText(request)) {
    const message = `uid ${request.uid} was not made by this request; use another uid`;
    throw new Fault(status.ALREADY_EXISTS, "SPEC_MISMATCH", message);
  }
  const running = hypervisor.tasks.holding(machine.id);
  if (running) return inProgress(running);
  const vm = observe(hypervisor, machine, View.FULL);
  return { state: EnsureState.COMPLETE, operation: undefined, vm };
}

function cloneMarker(request: CloneVMRequest, source: Machine, config: VMSpec): Marker {
  const { uid, controllerId } = request;
  return {
    owner: { uid, specFingerprint: fingerprint(config), controllerId },
    made: true,
    nestedRequested: source.marker?.nestedRequested,
    outcomes: knobs(config).map(({ feature, subject }) => {
      return { feature, subject, outcome: Outcome.APPLIED, reason: "" };
    }),
    cloneRequest: requestText(request),
  };
}

/** The request without what may differ between repetitions of it. */
function requestText(request: CloneVMRequest): string {
  return JSON.stringify(CloneVMRequest.toJSON({ ...request, cloudInit: undefined, controllerId: "" }));
}

function inProgress(task: Task): CloneVMResponse {
  return { state: EnsureState.IN_PROGRESS, operation: observeTask(task), vm: undefined };
}
