import { randomUUID } from "node:crypto";
import type { ProviderConnection } from "@virtrigaud/kit/client";
import { inParallel } from "../load.ts";
import type { Bench, Measurement, Reading } from "../measurement.ts";
import { repeatPair } from "../repeat.ts";
import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";
import { createPoweredOn, deleteAll } from "../vm.ts";
import { RawClient } from "../vsphere/raw-client.ts";
import { type Recording, recordCreate } from "../vsphere/recording.ts";
import { replay } from "../vsphere/replay.ts";
import { startSimulated } from "../vsphere/simulated.ts";

/** How a rate is measured. */
export interface RateOptions {
  readonly id: string;
  /** VMs being made at a time. */
  readonly concurrency: number;
  /** What every call to vCenter takes longer. */
  readonly latencyMs: number;
  /** VMs made per run. */
  readonly vms: number;
}

/** VMs created and powered on per second through the provider, beside a loop that does nothing but post the provider's own SOAP calls. */
export function createRate(options: RateOptions): Measurement {
  return {
    rows: [{ id: options.id, unit: "VMs/s" }],
    measure: async (bench) => ({ [options.id]: await measureRate(options, bench) }),
  };
}

async function measureRate({ concurrency, latencyMs, vms }: RateOptions, bench: Bench): Promise<Reading> {
  const { vcenter, provider, direct } = await startSimulated(bench.scope, latencyMs);
  const { connection } = provider;
  const recording = await recordCreate(bench.scope, direct);
  const raw = await bench.scope.own(
    () => RawClient.open(vcenter, concurrency),
    (one) => one.close(),
  );
  const post = (envelope: string) => raw.post(envelope);
  const rate = (create: () => Promise<string>) => measureOnce({ connection, concurrency, vms, create });
  const pairs = await repeatPair(
    bench,
    () => rate(() => createPoweredOn(connection)),
    () => rate(() => replayNew(post, recording)),
  );
  const ratio = median(pairs.map(([ours, theirs]) => ours / theirs));
  const rawRate = median(pairs.map(([, theirs]) => theirs));
  return {
    value: median(pairs.map(([ours]) => ours)),
    n: bench.runs,
    comparison: `${formatNumber(ratio)} of a raw loop's ${formatNumber(rawRate)} VMs/s`,
    note: `${vms} VMs a run; raw: the same ${recording.calls.length} envelopes over ${concurrency} connections, without gRPC and decoding`,
  };
}

async function replayNew(post: (envelope: string) => Promise<string>, recording: Recording): Promise<string> {
  const uid = randomUUID();
  await replay(post, recording, uid);
  return uid;
}

interface RunOptions {
  readonly connection: ProviderConnection;
  readonly concurrency: number;
  readonly vms: number;
  readonly create: () => Promise<string>;
}

/** VMs per second of one run. Deletes what was made, and before it what warmed up. */
async function measureOnce({ connection, concurrency, vms, create }: RunOptions): Promise<number> {
  const warm = await inParallel(concurrency, concurrency, create);
  await deleteAll(connection, warm);
  const started = performance.now();
  const uids = await inParallel(vms, concurrency, create);
  const seconds = (performance.now() - started) / 1_000;
  await deleteAll(connection, uids);
  return vms / seconds;
}
