import { defineDomains } from "../libvirt/domains.ts";
import { connectTo, startLibvirtd } from "../libvirt/host.ts";
import { inTurn, pythonLibvirt, type Rate, type Rival, virshPerCall } from "../libvirt/state-rivals.ts";
import { measureRate } from "../load.ts";
import type { Bench, Measurement, Reading } from "../measurement.ts";
import { repeatPair } from "../repeat.ts";
import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";

const domainCount = 50;
const calls = 8_000;
/** Calls at a time, and how the ids of their rows end. */
const concurrencies = new Map([
  [1, ".c1"],
  [16, ""],
  [64, ".c64"],
]);

/** domainGetState calls per second of our client beside another's, in turn. */
const stateRatio = (rival: Rival): Measurement => {
  const idOf = (suffix: string) => `libvirt.state.ratio_vs_${rival.name}${suffix}`;
  const { bound, note } = rival;
  return {
    rows: [...concurrencies.values()].map((suffix) => ({
      id: idOf(suffix),
      unit: "x",
      target: { at: "least", bound },
    })),
    async measure(bench) {
      const libvirtd = await startLibvirtd(bench.scope);
      const libvirt = await connectTo(bench.scope, libvirtd);
      const domains = await defineDomains(libvirt, domainCount);
      const theirs = await rival.start(bench.scope, libvirtd.uri, domains, calls);
      const ours: Rate = (concurrency) =>
        measureRate(calls, concurrency, (index) =>
          libvirt.call("domainGetState", { domain: inTurn(domains, index) }),
        );
      const readings: Record<string, Reading> = {};
      for (const [concurrency, suffix] of concurrencies) {
        const reading = await measureRatio(bench, concurrency, ours, theirs);
        readings[idOf(suffix)] = { ...reading, note: `${domainCount} domains; ${note}` };
      }
      return readings;
    },
  };
};

/** Beside python3-libvirt. */
export const stateVersusPython = stateRatio(pythonLibvirt);
/** Beside a shell script's way. */
export const stateVersusVirsh = stateRatio(virshPerCall);

async function measureRatio(bench: Bench, concurrency: number, our: Rate, their: Rate): Promise<Reading> {
  await our(concurrency);
  const pairs = await repeatPair(
    bench,
    () => our(concurrency),
    () => their(concurrency),
  );
  const rate = (side: 0 | 1) => formatNumber(Math.round(median(pairs.map((pair) => pair[side]))));
  return {
    value: median(pairs.map(([ours, theirs]) => ours / theirs)),
    n: bench.runs,
    comparison: `${rate(0)} calls/s beside ${rate(1)}, ${concurrency} at a time`,
  };
}
