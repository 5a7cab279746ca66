import { inParallel } from "../load.ts";
import type { Measurement } from "../measurement.ts";
import { describeCounts, growth, total } from "../metrics.ts";
import { repeat } from "../repeat.ts";
import { median } from "../statistics.ts";
import { createPoweredOn, deleteAll } from "../vm.ts";
import { type Simulated, startSimulated } from "../vsphere/simulated.ts";

const id = "vsphere.create.round_trips";
const concurrency = 32;
const vms = 64;

/** HTTP exchanges with vCenter per CreateVM + PowerOn of a blank VM, by the provider's own count, its callers' polling included. */
export const createRoundTrips: Measurement = {
  rows: [{ id, unit: "calls", target: { at: "most", bound: 6 } }],
  async measure(bench) {
    const { provider } = await startSimulated(bench.scope);
    const perVm = await repeat(bench, () => roundTripsPerVm({ provider }));
    return {
      [id]: {
        value: median(perVm.map(total)),
        n: bench.runs,
        note: `${vms} VMs at concurrency ${concurrency}; of the last run: ${describeCounts(perVm.at(-1) ?? new Map())}`,
      },
    };
  },
};

/** By SOAP method. */
async function roundTripsPerVm({ provider }: Pick<Simulated, "provider">): Promise<Map<string, number>> {
  const { connection, healthAddress: address } = provider;
  // The inventory is read at most every 15 seconds: one create before keeps it out of the count.
  const warm = await createPoweredOn(connection);
  let uids: string[] = [];
  const counter = { address, name: "virtrigaud_vsphere_round_trips_total", label: "method" };
  const calls = await growth(counter, async () => {
    uids = await inParallel(vms, concurrency, () => createPoweredOn(connection));
  });
  await deleteAll(connection, [warm, ...uids]);
  return new Map([...calls].map(([method, count]) => [method, count / vms]));
}
