import { View } from "@virtrigaud/proto";
import type { ProviderDaemon } from "@virtrigaud/test-tools";
import type { Measurement } from "../measurement.ts";
import { countersIn, describeCounts, gaugeIn, grown, readMetrics } from "../metrics.ts";
import { fill } from "../proxmox/fill.ts";
import { requestsOf, startProvider, startPve } from "../proxmox/simulated.ts";
import { repeat } from "../repeat.ts";
import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";

const id = "proxmox.list.event_loop_block_ms";
const count = 10_000;
const pageSize = 1_000;

/** How long ListVMs of all VMs keeps a provider from anything else at a time, by the daemon's own event loop monitor. */
export const listBlock: Measurement = {
  rows: [{ id, unit: "ms", target: { at: "most", bound: 150 } }],
  async measure(bench) {
    const pve = await startPve(bench.scope);
    await fill(pve, count);
    const provider = await startProvider(bench.scope, pve);
    // The first list also reads the inventory.
    await blockOf(provider);
    const blocks = await repeat(bench, () => blockOf(provider));
    const ofAll = (key: "cpuMs" | "elapsedMs") =>
      formatNumber(Math.round(median(blocks.map((one) => one[key]))));
    return {
      [id]: {
        value: median(blocks.map(({ longestMs }) => longestMs)),
        n: bench.runs,
        note: `the longest of one list of ${count} VMs in pages of ${pageSize}; the whole list took ${ofAll("elapsedMs")} ms with ${ofAll("cpuMs")} ms of CPU; requests: ${describeCounts(blocks.at(-1)?.requests ?? new Map())}`,
      },
    };
  },
};

async function blockOf(provider: ProviderDaemon) {
  const { address, ...counter } = requestsOf(provider);
  // Whoever reads the monitor starts it anew.
  const before = await readMetrics(address);
  const started = performance.now();
  await listAll(provider);
  const elapsedMs = performance.now() - started;
  const after = await readMetrics(address);
  const cpuSeconds = (text: string) => gaugeIn(text, "process_cpu_seconds_total");
  const requests = (text: string) => countersIn(text, counter.name, counter.label);
  return {
    longestMs: gaugeIn(after, "nodejs_eventloop_lag_max_seconds") * 1_000,
    elapsedMs,
    cpuMs: (cpuSeconds(after) - cpuSeconds(before)) * 1_000,
    requests: grown(requests(before), requests(after)),
  };
}

async function listAll({ connection }: ProviderDaemon): Promise<void> {
  let listed = 0;
  let pageToken = "";
  do {
    const page = await connection.listVMs({ pageSize, pageToken, view: View.BASIC, includeUnowned: false });
    listed += page.vms.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  if (listed !== count) throw new Error(`ListVMs answered ${listed} of ${count} VMs`);
}
