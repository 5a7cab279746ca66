import { setTimeout as sleep } from "node:timers/promises";
import { imageAndSeed } from "../libvirt/guest.ts";
import { callsOf, connectTo, startLibvirtd, startProvider } from "../libvirt/host.ts";
import type { Measurement } from "../measurement.ts";
import { describeCounts, growth, total } from "../metrics.ts";
import { repeat } from "../repeat.ts";
import { median } from "../statistics.ts";
import { createPoweredOn, deleteAll, newVm } from "../vm.ts";

const id = "libvirt.create.rpcs";
const vms = 5;
/** Within this time the provider reads what libvirtd tells of a new VM by events. */
const aftermathMs = 2_000;
/** The daemon's probe of its own health, every few seconds; making a VM needs no such call. */
const probe = "connectGetLibVersion";

/** Calls to libvirtd per CreateVM + PowerOn of a VM with image and seed, by the provider's own count, with what it reads because of it. */
export const createRpcs: Measurement = {
  rows: [{ id, unit: "calls", target: { at: "most", bound: 8 } }],
  async measure(bench) {
    const libvirtd = await startLibvirtd(bench.scope);
    const spec = await imageAndSeed(await connectTo(bench.scope, libvirtd));
    const provider = await startProvider(bench.scope, libvirtd);
    const { connection } = provider;
    const create = () => createPoweredOn(connection, newVm(spec));
    const perVm = await repeat(bench, async () => {
      // Pools and networks are read at most every 15 seconds: one create before keeps them out of the count.
      const uids = [await create()];
      await sleep(aftermathMs);
      const calls = await growth(callsOf(provider), async () => {
        while (uids.length <= vms) uids.push(await create());
        await sleep(aftermathMs);
      });
      await deleteAll(connection, uids);
      calls.delete(probe);
      return new Map([...calls].map(([procedure, count]) => [procedure, count / vms]));
    });
    return {
      [id]: {
        value: median(perVm.map(total)),
        n: bench.runs,
        note: `${vms} VMs one after the other, until ${aftermathMs / 1_000} s after the last runs; last run: ${describeCounts(perVm.at(-1) ?? new Map())}`,
      },
    };
  },
};
