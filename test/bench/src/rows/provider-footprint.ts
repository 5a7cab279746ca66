import { readFile } from "node:fs/promises";
import type { DaemonOptions, ProviderDaemon } from "@virtrigaud/test-tools";
import type { Bench, Measurement } from "../measurement.ts";
import { repeat } from "../repeat.ts";
import { Scope } from "../scope.ts";
import { median } from "../statistics.ts";
import { createPoweredOn, deleteAll } from "../vm.ts";

/** Starts a provider before a hypervisor that runs. */
export type StartDaemon = (scope: Scope, options: DaemonOptions) => Promise<ProviderDaemon>;

/** How soon after its start a daemon's health port answers, and what memory it has taken once it has served. `startHypervisor` is called once. */
export function providerFootprint(
  name: string,
  startHypervisor: (scope: Scope) => Promise<StartDaemon>,
): Measurement {
  const readyId = `provider.ready_ms.${name}`;
  const rssId = `provider.rss_mib.${name}`;
  return {
    rows: [
      { id: readyId, unit: "ms", target: { at: "most", bound: 1_000 } },
      { id: rssId, unit: "MiB", target: { at: "most", bound: 130 } },
    ],
    async measure(bench) {
      const start = await startHypervisor(bench.scope);
      // The first start also reads the daemon's files from disk, and loads this process's HTTP client.
      await startOnce(bench, start);
      const starts = await repeat(bench, () => startOnce(bench, start));
      return {
        [readyId]: {
          value: median(starts.map(({ readyMs }) => readyMs)),
          n: bench.runs,
          note: "exec to /healthz answering 200",
        },
        [rssId]: {
          value: median(starts.map(({ rssMib }) => rssMib)),
          n: bench.runs,
          note: "VmRSS after making, powering on and deleting one VM",
        },
      };
    },
  };
}

async function startOnce(bench: Bench, start: StartDaemon): Promise<{ readyMs: number; rssMib: number }> {
  const scope = await bench.scope.own(
    async () => new Scope(),
    (one) => one.close(),
  );
  let spawnedAt = 0;
  const onSpawn = () => {
    spawnedAt = performance.now();
  };
  const { connection, healthAddress, pid } = await start(scope, { onSpawn });
  const health = await fetch(`http://${healthAddress}/healthz`);
  const readyMs = performance.now() - spawnedAt;
  if (!health.ok) throw new Error(`/healthz answered ${health.status}`);
  await deleteAll(connection, [await createPoweredOn(connection)]);
  const rssMib = await residentMib(pid);
  await scope.close();
  return { readyMs, rssMib };
}

/** Linux tells it; elsewhere this fails by the missing file's name. */
async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status tells no VmRSS`);
  return Number(kib) / 1_024;
}
