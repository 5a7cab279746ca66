import { measureCalls, startServer, type Throughput } from "../grpc/server.ts";
import type { Measurement } from "../measurement.ts";
import { repeat, repeatPair } from "../repeat.ts";
import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";

const ratioId = "grpc.create.ratio_vs_bare_echo";
const p99Id = "grpc.create.p99_ms";
const calls = 4_000;

/** CreateVM through the kit beside grpc-js alone: same client, same bytes on the wire. */
export const grpcCreateRatio: Measurement = {
  rows: [{ id: ratioId, unit: "x", target: { at: "least", bound: 0.75 } }],
  async measure(bench) {
    const kit = await startServer(bench.scope, "kit");
    const bare = await startServer(bench.scope, "bare");
    const one = () => measureCalls(kit, calls, 16);
    const other = () => measureCalls(bare, calls, 16);
    await one();
    await other();
    const pairs = await repeatPair(bench, one, other);
    const describe = (side: 0 | 1) => describeMedian(pairs.map((pair) => pair[side]));
    return {
      [ratioId]: {
        value: median(pairs.map(([ours, theirs]) => ours.callsPerSecond / theirs.callsPerSecond)),
        n: bench.runs,
        comparison: `kit ${describe(0)}; bare ${describe(1)}`,
        note: `${calls} calls a run at concurrency 16; the bare server decodes nothing, checks nothing and logs nothing`,
      },
    };
  },
};

/** How long the slowest of a hundred callers waits when 256 call at a time. */
export const grpcCreateP99: Measurement = {
  rows: [{ id: p99Id, unit: "ms", target: { at: "most", bound: 150 } }],
  async measure(bench) {
    const kit = await startServer(bench.scope, "kit");
    const once = () => measureCalls(kit, calls, 256);
    await once();
    const runs = await repeat(bench, once);
    const rate = median(runs.map(({ callsPerSecond }) => callsPerSecond));
    return {
      [p99Id]: {
        value: median(runs.map(({ p99Ms }) => p99Ms)),
        n: bench.runs,
        note: `${calls} calls a run at concurrency 256, ${formatNumber(rate)} calls/s`,
      },
    };
  },
};

function describeMedian(runs: readonly Throughput[]): string {
  const of = (key: keyof Throughput) => formatNumber(median(runs.map((run) => run[key])));
  return `${of("callsPerSecond")} calls/s, p99 ${of("p99Ms")} ms, ${of("cpuMicros")} µs of the server's CPU a call`;
}
