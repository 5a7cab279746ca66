import type { UnaryHandler } from "@virtrigaud/kit";
import type { Host } from "../host.ts";
import { doneOperation } from "../operation-name.ts";
import { removeSnapshot } from "../remove-snapshot.ts";
import { readSnapshots } from "../snapshots.ts";

const patienceMs = 2_000;

export const deleteSnapshot =
  (host: Host): UnaryHandler<"deleteSnapshot"> =>
  async ({ uid, snapshotId }, { signal }) => {
    const domain = await host.domains.ownedHandle(uid, { signal });
    const held = (await readSnapshots(host.libvirt, domain, { signal })).some(({ id }) => id === snapshotId);
    if (!held) return { operation: doneOperation("delete snapshot: not there") };
    await host.inventory.requireNoClones(uid, { signal });
    const started = host.jobs.start({
      key: `delete snapshot ${uid} ${snapshotId}`,
      description: "delete snapshot",
      run: (job) => host.turns.run(uid, job.signal, () => removeSnapshot(host, uid, snapshotId, job)),
    });
    return { operation: await host.jobs.settle(started, patienceMs, signal) };
  };
