import { invalidArgument, ProviderError, status, type UnaryHandler, violation } from "@virtrigaud/kit";
import {
  GracefulTimeoutPolicy,
  type Operation,
  OperationState,
  PowerAction,
  type SetPowerRequest,
  Tristate,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { type Domain, ErrorCode } from "../client/index.ts";
import { attempt, isRefused } from "../errors.ts";
import type { Host } from "../host.ts";
import { configured } from "../mapping/nested-status.ts";
import { doneOperation, operationName } from "../operation-name.ts";
import { isOff, notRunning, powerOff, powerOn, whileRunning } from "../power.ts";

const defaultGracefulSeconds = 60;
/** Most starts and stops are done within this; the others answer with their operation. */
const patienceMs = 2_000;

export const setPower =
  (host: Host): UnaryHandler<"setPower"> =>
  async (request, { signal }) => {
    const started = await act(host, request, { signal });
    if (started.state !== OperationState.RUNNING || !host.jobs.owns(started.name))
      return { operation: started };
    return { operation: await host.jobs.settle(started, patienceMs, signal) };
  };

async function act(host: Host, request: SetPowerRequest, call: Call): Promise<Operation> {
  const { uid, action } = request;
  const { libvirt } = host;
  const owned = () => host.domains.ownedHandle(uid, call);
  switch (action) {
    case PowerAction.ON:
      return job(host, uid, "power on", await owned(), (domain, job) => powerOn(libvirt, domain, job));
    case PowerAction.OFF:
      return job(host, uid, "power off", await owned(), (domain, job) => powerOff(libvirt, domain, job));
    case PowerAction.RESET: {
      const domain = await owned();
      await whileRunning(`resetting VM ${domain.name}`, () => libvirt.call("domainReset", { domain }, call));
      return doneOperation("reset");
    }
    case PowerAction.REBOOT: {
      const domain = await owned();
      await whileRunning(`rebooting VM ${domain.name}`, () => libvirt.call("domainReboot", { domain }, call));
      return doneOperation("reboot: the guest was asked");
    }
    case PowerAction.SUSPEND:
      return suspend(host, request, call);
    case PowerAction.GRACEFUL_OFF:
      return shutDown(host, request, call);
    default:
      throw invalidArgument([violation("action", "REQUIRED", "say what to do with the power")]);
  }
}

function job(
  host: Host,
  uid: string,
  description: string,
  domain: Domain,
  work: (domain: Domain, call: Call) => Promise<void>,
): Operation {
  return host.jobs.start({
    key: `${description} ${uid}`,
    description,
    run: async (call) => {
      try {
        await host.turns.run(uid, call.signal, () => work(domain, call));
      } catch (error) {
        // Whoever removed it has to be believed at once.
        host.domains.forget(uid);
        throw error;
      }
      return undefined;
    },
  });
}

async function suspend(host: Host, request: SetPowerRequest, call: Call): Promise<Operation> {
  const { domain, stored, live, hasManagedSave } = await host.domains.owned(request.uid, call);
  if (live === undefined) {
    if (hasManagedSave) return doneOperation("suspend: already there");
    throw notRunning(`suspending VM ${domain.name}`);
  }
  if (configured(live ?? stored).answer === Tristate.TRUE && !request.overrideNestedGuard) {
    throw new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "NESTED_GUEST_GUARD",
      message: `VM ${domain.name} has nested virtualization configured and saving its memory may break VMs inside it; shut it down instead, or set override_nested_guard`,
    });
  }
  return job(host, request.uid, "suspend", domain, async (_, { signal }) => {
    await whileRunning(`suspending VM ${domain.name}`, () =>
      host.libvirt.call("domainManagedSave", { domain }, { signal, deadlineMs: saveDeadlineMs }),
    );
  });
}

/** A large memory on a slow disk takes its time. */
const saveDeadlineMs = 60 * 60_000;

/** libvirt has no task for a guest's shutdown: the operation is the VM and a deadline, and whoever looks sees whether it is off. */
async function shutDown(host: Host, request: SetPowerRequest, call: Call): Promise<Operation> {
  const { uid, onGracefulTimeout, gracefulTimeoutSeconds } = request;
  const domain = await host.domains.ownedHandle(uid, call);
  const cutOnTimeout = onGracefulTimeout === GracefulTimeoutPolicy.POWER_OFF;
  try {
    if (await isOff(host.libvirt, domain, call)) return doneOperation("power off: already there");
    await host.libvirt.call("domainShutdownFlags", { domain }, call);
  } catch (error) {
    if (isRefused(error, ErrorCode.OPERATION_INVALID)) return doneOperation("power off: already there");
    await attempt(`shutting down VM ${domain.name}`, () => Promise.reject(error));
  }
  const deadline = Date.now() + (gracefulTimeoutSeconds || defaultGracefulSeconds) * 1_000;
  const onTimeout = cutOnTimeout ? "power-off" : "fail";
  const name = operationName({ kind: "shutdown", uid, deadline, onTimeout });
  const running = { state: OperationState.RUNNING, progressPercent: undefined };
  return { ...doneOperation("shut down the guest", name), ...running };
}
