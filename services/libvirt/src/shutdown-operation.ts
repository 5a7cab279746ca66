import { ProviderError, status, toOperationError } from "@virtrigaud/kit";
import { type Operation, OperationState } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { requireOwner } from "./domains.ts";
import type { Host } from "./host.ts";
import { doneOperation, type ShutdownOperation } from "./operation-name.ts";
import { powerOff } from "./power.ts";

/** After the deadline the policy acts when someone looks: nothing waits in the daemon's memory, so a restart changes nothing. */
export async function shutdownNow(
  host: Host,
  name: string,
  { uid, deadline, onTimeout }: ShutdownOperation,
  call: Call,
): Promise<Operation> {
  const found = await host.domains.byUid(uid, call);
  const done = doneOperation("shut down the guest", name);
  if (found?.live === undefined) return done;
  // A name can be made up, and this may cut the power.
  requireOwner(found, uid);
  const running: Operation = { ...done, state: OperationState.RUNNING, progressPercent: undefined };
  if (Date.now() < deadline) return running;
  if (onTimeout === "fail")
    return { ...running, state: OperationState.FAILED, error: toOperationError(timedOut(found.domain.name)) };
  await powerOff(host.libvirt, found.domain, call);
  return done;
}

const timedOut = (vm: string): ProviderError =>
  new ProviderError({
    code: status.DEADLINE_EXCEEDED,
    reason: "GRACEFUL_TIMEOUT",
    message: `the guest of VM ${vm} did not shut down in time and keeps running; power it off, or wait longer`,
  });
