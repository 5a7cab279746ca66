import type { Measurement } from "../measurement.ts";
import { describeCounts, growth, total } from "../metrics.ts";
import { requestsOf, startProvider, startPve } from "../proxmox/simulated.ts";
import { repeat } from "../repeat.ts";
import { median } from "../statistics.ts";
import { createPoweredOn, deleteAll } from "../vm.ts";

const id = "proxmox.create.requests";
const vms = 10;
/** How far tasks are, one by one or all of a node at once. */
const taskPoll = /\/tasks(\/|$)/;

/** Requests to Proxmox VE per CreateVM + PowerOn of a blank VM, by the provider's own count, the polls of tasks apart. */
export const createRequests: Measurement = {
  rows: [{ id, unit: "requests", target: { at: "most", bound: 6 } }],
  async measure(bench) {
    const provider = await startProvider(bench.scope, await startPve(bench.scope));
    const { connection } = provider;
    const perVm = await repeat(bench, async () => {
      // The inventory is read at most every 15 seconds: one create before keeps it out of the count.
      const uids = [await createPoweredOn(connection)];
      const counts = await growth(requestsOf(provider), async () => {
        while (uids.length <= vms) uids.push(await createPoweredOn(connection));
      });
      await deleteAll(connection, uids);
      return new Map([...counts].map(([route, count]) => [route, count / vms]));
    });
    const [requests, polls] = [perVm.map(withoutPolls), perVm.map(onlyPolls)];
    return {
      [id]: {
        value: median(requests.map(total)),
        n: bench.runs,
        note: `and ${median(polls.map(total))} polls of tasks; ${vms} VMs one after the other; last run: ${describeCounts(requests.at(-1) ?? new Map())}`,
      },
    };
  },
};

type Counts = ReadonlyMap<string, number>;
const withoutPolls = (counts: Counts) => new Map([...counts].filter(([route]) => !taskPoll.test(route)));
const onlyPolls = (counts: Counts) => new Map([...counts].filter(([route]) => taskPoll.test(route)));
