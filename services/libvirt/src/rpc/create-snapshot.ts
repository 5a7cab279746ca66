import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import { type CreateSnapshotRequest, type Operation, type Snapshot, Tristate } from "@virtrigaud/proto";
import type { Host } from "../host.ts";
import { configured } from "../mapping/nested-status.ts";
import { doneOperation } from "../operation-name.ts";
import { notRunning } from "../power.ts";
import type { Found } from "../read-domain.ts";
import { existingSnapshot, takeSnapshot } from "../take-snapshot.ts";

/** Most snapshots are taken within this; the others answer with their operation. */
const patienceMs = 2_000;

export const createSnapshot =
  (host: Host): UnaryHandler<"createSnapshot"> =>
  async (request, { signal }) => {
    const call = { signal };
    const found = await host.domains.owned(request.uid, call);
    const existing = await existingSnapshot(host, found, request, call);
    if (existing !== undefined) return { operation: withSnapshot(existing) };
    refuse(found, request);
    const started = host.jobs.start({
      key: `snapshot ${request.uid} ${request.name}`,
      description: "create snapshot",
      run: (job) =>
        host.turns.run(request.uid, job.signal, async () => {
          const now = await host.domains.owned(request.uid, job);
          const value = await takeSnapshot(host, request.uid, now, request, job);
          return { $case: "snapshot" as const, value };
        }),
    });
    return { operation: await host.jobs.settle(started, patienceMs, signal) };
  };

const withSnapshot = (value: Snapshot): Operation => ({
  ...doneOperation("create snapshot: already there"),
  result: { $case: "snapshot", value },
});

function refuse({ domain, live, stored }: Found, request: CreateSnapshotRequest): void {
  const { includeMemory, quiesce, overrideNestedGuard } = request;
  const what = `taking a snapshot of VM ${domain.name}`;
  if ((includeMemory || quiesce) && live === undefined) throw notRunning(what);
  const isNested = configured(live ?? stored).answer === Tristate.TRUE;
  if (includeMemory && isNested && !overrideNestedGuard)
    throw new ProviderError({
      code: status.FAILED_PRECONDITION,
      reason: "NESTED_GUEST_GUARD",
      message: `VM ${domain.name} has nested virtualization configured and restoring its memory may break VMs inside it; leave include_memory out, or set override_nested_guard`,
    });
}
