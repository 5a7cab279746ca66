import { View } from "@virtrigaud/proto";
import type { ProviderDaemon } from "@virtrigaud/test-tools";
import { defineDomains } from "../libvirt/domains.ts";
import { callsOf, connectTo, startLibvirtd, startProvider } from "../libvirt/host.ts";
import type { Measurement } from "../measurement.ts";
import { describeCounts, growth, total } from "../metrics.ts";
import { repeat } from "../repeat.ts";
import { median } from "../statistics.ts";

const id = "libvirt.list.round_trips";
const domainCount = 1_000;

/** Calls to libvirtd per ListVMs of all domains in the full view, one of which runs, by the provider's own count. */
export const listRoundTrips: Measurement = {
  rows: [{ id, unit: "calls", target: { at: "most", bound: 3 } }],
  async measure(bench) {
    const libvirtd = await startLibvirtd(bench.scope);
    const libvirt = await connectTo(bench.scope, libvirtd);
    const [first] = await defineDomains(libvirt, domainCount);
    if (first !== undefined) await libvirt.call("domainCreateWithFlags", { domain: first });
    const provider = await startProvider(bench.scope, libvirtd);
    const list = () => growth(callsOf(provider), () => listAll(provider));
    const cold = await list();
    const warm = await repeat(bench, list);
    return {
      [id]: {
        value: median(warm.map(total)),
        n: bench.runs,
        note: `${domainCount} domains, one of them running, VIEW_FULL; last run: ${describeCounts(warm.at(-1) ?? new Map())}; a provider's first list: ${describeCounts(cold)}`,
      },
    };
  },
};

async function listAll({ connection }: ProviderDaemon): Promise<void> {
  const request = { pageSize: domainCount, pageToken: "", view: View.FULL, includeUnowned: true };
  const { vms } = await connection.listVMs(request);
  if (vms.length !== domainCount) throw new Error(`ListVMs answered ${vms.length} of ${domainCount} VMs`);
}
