import { inParallel } from "../load.ts";
import type { Measurement } from "../measurement.ts";
import { readCounter } from "../metrics.ts";
import { repeat } from "../repeat.ts";
import { median } from "../statistics.ts";
import { createPoweredOn, deleteAll } from "../vsphere/create.ts";
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
    const totals = perVm.map(total);
    return {
      [id]: {
        value: median(totals),
        n: bench.runs,
        note: `${vms} VMs at concurrency ${concurrency}; of the last run: ${describe(perVm.at(-1))}`,
      },
    };
  },
};

/** By SOAP method. */
async function roundTripsPerVm({ provider }: Pick<Simulated, "provider">): Promise<Map<string, number>> {
  const { connection, healthAddress } = provider;
  const count = () => readCounter(healthAddress, "virtrigaud_vsphere_round_trips_total", "method");
  // The inventory is read at most every 15 seconds: one create before keeps it out of the count.
  const warm = await createPoweredOn(connection);
  const before = await count();
  const uids = await inParallel(vms, concurrency, () => createPoweredOn(connection));
  const after = await count();
  await deleteAll(connection, [warm, ...uids]);
  return new Map([...after].map(([method, sum]) => [method, (sum - (before.get(method) ?? 0)) / vms]));
}

const total = (perMethod: Map<string, number>) => [...perMethod.values()].reduce((sum, one) => sum + one, 0);

function describe(perMethod: Map<string, number> = new Map()): string {
  return [...perMethod]
    .filter(([, calls]) => calls > 0)
    .map(([method, calls]) => `${method} ${calls.toFixed(2)}`)
    .join(", ");
}
