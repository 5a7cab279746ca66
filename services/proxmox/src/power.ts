import { ProviderError, status } from "@virtrigaud/kit";

/** A running VM is needed. */
export const notRunning = (what: string): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VM_NOT_RUNNING",
    message: `${what}: the VM does not run; power it on first`,
  });

/** A guest that did not shut down: it was too slow, or there was nobody in it to ask. */
export const shutdownFailed = (what: string, exitStatus: string): ProviderError =>
  /got timeout/.test(exitStatus)
    ? new ProviderError({
        code: status.DEADLINE_EXCEEDED,
        reason: "GRACEFUL_TIMEOUT",
        message: `${what}: the guest did not shut down in time and keeps running; power it off, or wait longer`,
      })
    : new ProviderError({
        code: status.FAILED_PRECONDITION,
        reason: "GUEST_AGENT_MISSING",
        message: `${what}: the guest could not be asked (${exitStatus}); start qemu-guest-agent in it, or power it off`,
      });
