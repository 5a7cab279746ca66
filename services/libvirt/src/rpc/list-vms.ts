import { paginate, type UnaryHandler } from "@virtrigaud/kit";
import { View, type VM } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { ErrorCode } from "../client/index.ts";
import { attempt, unlessGone } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Known } from "../inventory/known.ts";
import { observed, unhurried, withUsage } from "../observed.ts";
import { type DomainStats, readStats } from "../stats.ts";

/** Cut from the picture of all domains: a sign of life and, with VIEW_FULL, the counters of those that run are the calls that it costs. */
export const listVms =
  (host: Host): UnaryHandler<"listVMs"> =>
  async (request, { signal }) => {
    const [all, sight] = await Promise.all([host.inventory.all({ signal }), host.sight({ signal })]);
    const wanted = all.filter(({ stored }) => request.includeUnowned || stored.owner !== undefined);
    const { items, nextPageToken } = paginate(wanted, ({ domain }) => domain.uuid, request);
    const isFull = request.view === View.FULL;
    const [page, stats] = await Promise.all([
      isFull ? host.inventory.withVolumes(items, { signal }) : items,
      isFull ? statsOf(host, items, { signal }) : undefined,
    ]);
    const vms: VM[] = [];
    for await (const known of unhurried(page))
      vms.push(withUsage(observed(known, sight, request.view), stats?.get(known.domain.uuid)));
    return { vms, nextPageToken };
  };

/** Counters by UUID of those that run, in one call; none where libvirt is too old to tell them. */
export async function statsOf(
  host: Host,
  domains: readonly Known[],
  call: Call,
): Promise<Map<string, DomainStats>> {
  const running = domains.filter(({ run }) => run.live !== undefined).map(({ domain }) => domain);
  if (running.length === 0) return new Map();
  const found = await attempt("reading the domains' statistics", () =>
    unlessGone(readStats(host.libvirt, running, call), ErrorCode.NO_SUPPORT),
  );
  return new Map((found ?? []).map((stats) => [stats.domain.uuid, stats]));
}
