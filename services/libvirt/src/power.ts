import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import { type Domain, DomainState, ErrorCode, type Libvirt } from "./client/index.ts";
import { attempt, isRefused } from "./errors.ts";

/** How often a start is tried whose TCP port for the screen somebody else took between libvirt's look and QEMU's start. */
const portAttempts = 5;

/** Starts a domain, or lets it go on; one that runs already is a success. */
export async function powerOn(libvirt: Libvirt, domain: Domain, call: Call): Promise<void> {
  await attempt(`powering on VM ${domain.name}`, async () => {
    try {
      await startedWithPort(() => libvirt.call("domainCreateWithFlags", { domain }, call));
    } catch (error) {
      if (!isRefused(error, ErrorCode.OPERATION_INVALID)) throw error;
      const state = await stateOf(libvirt, domain, call);
      if (state === DomainState.PAUSED) await libvirt.call("domainResume", { domain }, call);
      else if (state !== DomainState.RUNNING && state !== DomainState.BLOCKED) throw error;
    }
  });
}

/** Has QEMU started, again where its port was taken. */
export async function startedWithPort(start: () => Promise<unknown>): Promise<void> {
  for (let attempts = portAttempts; ; attempts -= 1) {
    try {
      await start();
      return;
    } catch (error) {
      if (attempts === 1 || !isPortTaken(error)) throw error;
    }
  }
}

/** QEMU's words, which libvirt passes on. */
const isPortTaken = (error: unknown): boolean =>
  isRefused(error, ErrorCode.INTERNAL_ERROR) &&
  (error as Error).message.includes("Failed to find an available port");

/** Cuts the power, and forgets a memory that was saved; one that is off already is a success. */
export async function powerOff(libvirt: Libvirt, domain: Domain, call: Call): Promise<void> {
  await attempt(`powering off VM ${domain.name}`, async () => {
    try {
      await libvirt.call("domainDestroyFlags", { domain }, call);
    } catch (error) {
      if (!isRefused(error, ErrorCode.OPERATION_INVALID)) throw error;
      const { result } = await libvirt.call("domainHasManagedSaveImage", { domain }, call);
      if (result > 0) await libvirt.call("domainManagedSaveRemove", { domain }, call);
    }
  });
}

/** Whether nothing of a domain runs. */
export async function isOff(libvirt: Libvirt, domain: Domain, call: Call): Promise<boolean> {
  const state = await stateOf(libvirt, domain, call);
  return state === DomainState.SHUTOFF || state === DomainState.CRASHED;
}

async function stateOf(libvirt: Libvirt, domain: Domain, call: Call): Promise<number> {
  const { state } = await libvirt.call("domainGetState", { domain }, call);
  return state;
}

/** Makes of a refusal because nothing runs what the caller can act on. */
export function whileRunning<T>(what: string, work: () => Promise<T>): Promise<T> {
  return attempt(what, async () => {
    try {
      return await work();
    } catch (error) {
      if (!isRefused(error, ErrorCode.OPERATION_INVALID)) throw error;
      throw notRunning(what, error);
    }
  });
}

export const notRunning = (what: string, cause?: unknown): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VM_NOT_RUNNING",
    message: `${what}: the VM does not run; power it on first`,
    ...(cause === undefined ? {} : { cause }),
  });
