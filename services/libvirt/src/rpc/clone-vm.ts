import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import {
  type CloneVMRequest,
  type CloneVMResponse,
  EnsureState,
  OperationState,
  View,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { cloneNow } from "../clone.ts";
import { sourceOf } from "../clone-source.ts";
import { requireOwner } from "../domains.ts";
import type { Host } from "../host.ts";
import { observe } from "../mapping/observation.ts";
import type { Found } from "../read-domain.ts";
import { snapshotOf } from "../snapshots.ts";

/** Small clones are done within this; the others answer with their operation. */
const patienceMs = 2_000;

/** Resumable like CreateVM; the clone is found by its uid first, so that the source may be gone by then. */
export const cloneVm =
  (host: Host): UnaryHandler<"cloneVm"> =>
  async (request, { signal, log }) => {
    const { uid } = request;
    const key = `clone ${uid}`;
    if (host.jobs.running(key) === undefined) {
      const made = await host.domains.byUid(uid, { signal }, "full");
      if (made !== undefined) return complete(host, made, request, { signal });
      await requireSource(host, request, { signal });
    }
    const started = host.jobs.start({
      key,
      description: `clone VM as ${request.name}`,
      run: (job) => host.turns.run(uid, job.signal, () => cloneNow(host, request, job, log)),
    });
    const operation = await host.jobs.settle(started, patienceMs, signal);
    if (operation.state !== OperationState.SUCCEEDED)
      return { state: EnsureState.IN_PROGRESS, operation, vm: undefined };
    return complete(host, await host.domains.owned(uid, { signal }, "full"), request, { signal });
  };

/** What does not exist is said at once. */
async function requireSource(host: Host, request: CloneVMRequest, call: Call): Promise<void> {
  const { domain } = await sourceOf(host, request, call);
  if (request.snapshotId !== "") await snapshotOf(host.libvirt, domain, request.snapshotId, call);
}

async function complete(
  host: Host,
  found: Found,
  { uid, name }: CloneVMRequest,
  call: Call,
): Promise<CloneVMResponse> {
  requireOwner(found, uid);
  if (found.domain.name !== name) {
    throw new ProviderError({
      code: status.ALREADY_EXISTS,
      reason: "SPEC_MISMATCH",
      message: `${uid} owns VM ${found.domain.name} already, which is not ${name}; use another uid`,
    });
  }
  const vm = observe(found, await host.sight(call), View.FULL);
  return { state: EnsureState.COMPLETE, operation: undefined, vm };
}
