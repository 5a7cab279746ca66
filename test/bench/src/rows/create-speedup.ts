import { randomUUID } from "node:crypto";
import type { Measurement } from "../measurement.ts";
import { repeatPair } from "../repeat.ts";
import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";
import { createPoweredOn, deleteAll } from "../vm.ts";
import { envelope, RawClient } from "../vsphere/raw-client.ts";
import { type Recording, recordCreate } from "../vsphere/recording.ts";
import { replay } from "../vsphere/replay.ts";
import { startSimulated } from "../vsphere/simulated.ts";

const id = "vsphere.create.speedup_vs_49_calls";
/** What the upstream Go provider takes for one create. */
const callsPerCreate = 49;
const latencyMs = 20;
const vms = 5;

/** How much sooner a VM is there and on than with a client that makes 49 calls in sequence, each 20 ms away. */
export const createSpeedup: Measurement = {
  rows: [{ id, unit: "x", target: { at: "least", bound: 8 } }],
  async measure(bench) {
    const { vcenter, provider, direct } = await startSimulated(bench.scope, latencyMs);
    const { connection } = provider;
    const recording = await recordCreate(bench.scope, direct);
    const raw = await bench.scope.own(
      () => RawClient.open(vcenter, 1),
      (one) => one.close(),
    );
    const post = (body: string) => raw.post(body);
    const time = (create: () => Promise<string>) =>
      millisecondsPerVm(create, (uids) => deleteAll(connection, uids));
    const pairs = await repeatPair(
      bench,
      () => time(() => createPoweredOn(connection)),
      () => time(() => createIn49Calls(post, recording)),
    );
    const [ours, theirs] = [0, 1].map((side) =>
      formatNumber(median(pairs.map((pair) => pair[side] as number))),
    );
    return {
      [id]: {
        value: median(pairs.map(([one, other]) => other / one)),
        n: bench.runs,
        comparison: `${ours} ms beside ${theirs} ms of the ${callsPerCreate} calls`,
        note: `${vms} VMs a run, one at a time; of the ${callsPerCreate} calls those that a create needs are real, the others are CurrentTime`,
      },
    };
  },
};

async function createIn49Calls(
  post: (body: string) => Promise<string>,
  recording: Recording,
): Promise<string> {
  const uid = randomUUID();
  let calls = 0;
  const count = (body: string) => {
    calls += 1;
    return post(body);
  };
  await replay(count, recording, uid);
  while (calls < callsPerCreate) await count(envelope("CurrentTime", "ServiceInstance", "ServiceInstance"));
  return uid;
}

async function millisecondsPerVm(
  create: () => Promise<string>,
  remove: (uids: string[]) => Promise<void>,
): Promise<number> {
  await remove([await create()]);
  const uids: string[] = [];
  const started = performance.now();
  while (uids.length < vms) uids.push(await create());
  const elapsedMs = performance.now() - started;
  await remove(uids);
  return elapsedMs / vms;
}
