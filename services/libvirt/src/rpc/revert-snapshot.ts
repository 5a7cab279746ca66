import type { UnaryHandler } from "@virtrigaud/kit";
import type { Host } from "../host.ts";
import { revert } from "../revert.ts";
import { snapshotOf } from "../snapshots.ts";

const patienceMs = 2_000;

/** A running VM is powered off first; it runs again only where the snapshot holds its memory. */
export const revertSnapshot =
  (host: Host): UnaryHandler<"revertSnapshot"> =>
  async ({ uid, snapshotId }, { signal }) => {
    const domain = await host.domains.ownedHandle(uid, { signal });
    await snapshotOf(host.libvirt, domain, snapshotId, { signal });
    const started = host.jobs.start({
      key: `revert ${uid}`,
      description: "revert to snapshot",
      run: (job) => host.turns.run(uid, job.signal, () => revert(host, uid, snapshotId, job)),
    });
    return { operation: await host.jobs.settle(started, patienceMs, signal) };
  };
