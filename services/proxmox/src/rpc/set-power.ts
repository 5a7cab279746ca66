import { invalidArgument, ProviderError, status, type UnaryHandler, violation } from "@virtrigaud/kit";
import {
  GracefulTimeoutPolicy,
  type Operation,
  PowerAction,
  PowerState,
  type SetPowerRequest,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { attempt, isRefused } from "../errors.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { nestedGuard } from "../mapping/nested-guard.ts";
import { powerState } from "../mapping/power-state.ts";
import { doneOperation, type TaskAction, taskActions } from "../operation-name.ts";
import { notRunning } from "../power.ts";
import { taskOperation } from "../task.ts";
import { whenFree } from "../when-free.ts";

const defaultGracefulSeconds = 60;

export const setPower =
  (cluster: Cluster): UnaryHandler<"setPower"> =>
  async (request, { signal }) => {
    const call = { signal };
    const { uid, action } = request;
    // A VM that was off a moment ago, as one that was just made, is started without another look; everything else depends on how it is now.
    const fresh = action === PowerAction.ON ? cluster.vms.known.fresh(uid) : undefined;
    const isOff = fresh !== undefined && powerState(fresh.power) === PowerState.OFF;
    const found = isOff ? fresh : await cluster.vms.owned(uid, call);
    const operation = await act(cluster, found, request, call);
    cluster.vms.known.changed(uid);
    return { operation };
  };

async function act(
  cluster: Cluster,
  found: ReadVm,
  request: SetPowerRequest,
  call: Call,
): Promise<Operation> {
  const state = powerState(found.power);
  const { status: power } = cluster.pve.api(call).nodes.$(found.node).qemu.$(found.vmid);
  const start = (action: TaskAction, task: () => Promise<string>) =>
    startTask(action, request.uid, found, task);
  switch (request.action) {
    case PowerAction.ON:
      if (state === PowerState.ON) return there("power-on");
      return state === PowerState.PAUSED
        ? start("resume", () => power.resume.$post())
        : start("power-on", () => power.start.$post());
    case PowerAction.OFF:
      if (state === PowerState.OFF) return there("power-off");
      return state === PowerState.SUSPENDED
        ? forgetMemory(cluster, found, call)
        : start("power-off", () => power.stop.$post());
    case PowerAction.GRACEFUL_OFF:
      if (state === PowerState.OFF || state === PowerState.SUSPENDED) return there("power-off");
      return start("shutdown", () => power.shutdown.$post(graceful(request)));
    case PowerAction.REBOOT:
      return start("reboot", () => power.reboot.$post());
    case PowerAction.RESET:
      return start("reset", () => power.reset.$post());
    case PowerAction.SUSPEND:
      if (state === PowerState.SUSPENDED) return there("suspend");
      guard(found, request);
      return start("suspend", () => power.suspend.$post({ todisk: true }));
    default:
      throw invalidArgument([violation("action", "REQUIRED", "say what to do with the power")]);
  }
}

const there = (action: TaskAction): Operation => doneOperation(`${taskActions[action]}: already there`);

const graceful = ({ gracefulTimeoutSeconds, onGracefulTimeout }: SetPowerRequest) => ({
  timeout: gracefulTimeoutSeconds || defaultGracefulSeconds,
  forceStop: onGracefulTimeout === GracefulTimeoutPolicy.POWER_OFF,
});

async function startTask(
  action: TaskAction,
  uid: string,
  { name }: ReadVm,
  task: () => Promise<string>,
): Promise<Operation> {
  const what = `${taskActions[action]} of VM ${name}`;
  return attempt(what, async () => {
    try {
      return taskOperation(action, uid, await task());
    } catch (error) {
      throw isRefused(error, "INVALID_STATE") ? notRunning(what) : error;
    }
  });
}

/** The memory of a suspended VM waits on disk; without it the VM is off. */
async function forgetMemory(
  { pve }: Cluster,
  { node, vmid, name, config }: ReadVm,
  call: Call,
): Promise<Operation> {
  const options = pve.api(call).nodes.$(node).qemu.$(vmid).config;
  await attempt(`powering off VM ${name}`, () =>
    whenFree(() => options.$put({ delete: "vmstate", digest: config.digest }), call),
  );
  return doneOperation("power off: the saved memory was dropped");
}

function guard({ name, config }: ReadVm, { overrideNestedGuard }: SetPowerRequest): void {
  const message = nestedGuard(name, config.current, "suspending", overrideNestedGuard);
  if (message === undefined) return;
  throw new ProviderError({ code: status.FAILED_PRECONDITION, reason: "NESTED_GUEST_GUARD", message });
}
